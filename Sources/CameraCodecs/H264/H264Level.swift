// SPDX-License-Identifier: MIT

internal import CameraCore

/// What decoders of a level can do, which a stream that names the level must keep to.
///
/// Source: ITU-T H.264, table A-1 and clause A.3.
struct H264Level {
    /// The name as people write it: "4.1".
    let name: String
    /// The level as the stream carries it: ten times the number, 9 for "1b".
    let idc: Int
    /// Macroblocks of 16x16 pixels that can be decoded in a second.
    let macroblocksPerSecond: Int
    /// Macroblocks that a picture can have.
    let macroblocksPerFrame: Int
    /// Macroblocks of the pictures that are kept as references.
    let macroblocksOfReferences: Int
    /// Thousands of bits per second in the baseline and main profiles.
    let kilobitsPerSecond: Int

    static let all = [
        H264Level("1", 10, 1485, 99, 396, 64),
        H264Level("1b", 9, 1485, 99, 396, 128),
        H264Level("1.1", 11, 3000, 396, 900, 192),
        H264Level("1.2", 12, 6000, 396, 2376, 384),
        H264Level("1.3", 13, 11880, 396, 2376, 768),
        H264Level("2", 20, 11880, 396, 2376, 2000),
        H264Level("2.1", 21, 19800, 792, 4752, 4000),
        H264Level("2.2", 22, 20250, 1620, 8100, 4000),
        H264Level("3", 30, 40500, 1620, 8100, 10000),
        H264Level("3.1", 31, 108_000, 3600, 18000, 14000),
        H264Level("3.2", 32, 216_000, 5120, 20480, 20000),
        H264Level("4", 40, 245_760, 8192, 32768, 20000),
        H264Level("4.1", 41, 245_760, 8192, 32768, 50000),
        H264Level("4.2", 42, 522_240, 8704, 34816, 50000),
        H264Level("5", 50, 589_824, 22080, 110_400, 135_000),
        H264Level("5.1", 51, 983_040, 36864, 184_320, 240_000),
        H264Level("5.2", 52, 2_073_600, 36864, 184_320, 240_000),
        H264Level("6", 60, 4_177_920, 139_264, 696_320, 240_000),
        H264Level("6.1", 61, 8_355_840, 139_264, 696_320, 480_000),
        H264Level("6.2", 62, 16_711_680, 139_264, 696_320, 800_000),
    ]

    private init(_ name: String, _ idc: Int, _ rate: Int, _ size: Int, _ references: Int, _ kilobits: Int) {
        self.name = name
        self.idc = idc
        self.macroblocksPerSecond = rate
        self.macroblocksPerFrame = size
        self.macroblocksOfReferences = references
        self.kilobitsPerSecond = kilobits
    }

    /// Finds a level by its name; "4" and "4.0" are the same.
    ///
    /// - Throws: `.invalidValue` that lists the levels.
    init(named name: String) throws(CameraError) {
        let short = name.hasSuffix(".0") ? String(name.dropLast(2)) : name
        guard let level = Self.all.first(where: { $0.name == short }) else {
            throw CameraError(
                .invalidValue, Self.operation, subject: name,
                reason: "the levels are \(Self.all.map(\.name).joined(separator: ", "))")
        }
        self = level
    }

    /// The highest bit rate, in bits per second; the high profile allows a quarter more than the others.
    func largestBitRate(highProfile: Bool) -> Int {
        kilobitsPerSecond * (highProfile ? 1250 : 1000)
    }

    /// Refuses what the level does not allow.
    ///
    /// - Parameters:
    ///   - size: The pictures' size.
    ///   - frameRate: The nominal rate.
    ///   - bitRate: The bit rate; nil when it is not controlled.
    ///   - highProfile: Whether the profile is high, which allows a quarter more bits.
    /// - Throws: `.invalidValue` that names the limit and the lowest level that would do.
    func check(size: Resolution, frameRate: FrameRate, bitRate: Int?, highProfile: Bool) throws(CameraError) {
        func refuse(_ need: String, _ limit: String) -> CameraError {
            let fitting = Self.all.first {
                $0.allows(size) && $0.allows(size, at: frameRate)
                    && bitRate ?? 0 <= $0.largestBitRate(highProfile: highProfile)
            }
            let remedy = fitting.map { "choose level \($0.name) or higher, or leave the level out" } ?? "no level does"
            return CameraError(
                .invalidValue, Self.operation, subject: name,
                reason: "\(need), but the level allows \(limit); \(remedy)")
        }
        guard allows(size) else {
            throw refuse(
                "\(size) has \(size.macroblocks) macroblocks",
                "\(macroblocksPerFrame) in a picture and \(longestSide) in a row or column")
        }
        guard allows(size, at: frameRate) else {
            let rate = (size.macroblocks * frameRate.numerator - 1) / frameRate.denominator + 1
            throw refuse(
                "\(size) at \(frameRate) frames per second has \(rate) macroblocks per second",
                "\(macroblocksPerSecond)")
        }
        if let bitRate, bitRate > largestBitRate(highProfile: highProfile) {
            let profile = highProfile ? "high" : "baseline and main"
            throw refuse(
                "the bit rate is \(bitRate) bits per second",
                "\(largestBitRate(highProfile: highProfile)) in the profile \(profile)")
        }
    }

    private func allows(_ size: Resolution) -> Bool {
        size.macroblocks <= macroblocksPerFrame
            && max(size.macroblockColumns, size.macroblockRows) <= longestSide
    }

    private func allows(_ size: Resolution, at frameRate: FrameRate) -> Bool {
        size.macroblocks * frameRate.numerator <= macroblocksPerSecond * frameRate.denominator
    }

    /// Macroblocks across or down: the square root of eight pictures' worth.
    private var longestSide: Int { Int((8 * Double(macroblocksPerFrame)).squareRoot()) }

    private static let operation = "choosing the H.264 level"
}

extension Resolution {
    /// Macroblocks of 16x16 pixels, those at the edge counted whole.
    var macroblocks: Int { macroblockColumns * macroblockRows }

    fileprivate var macroblockColumns: Int { (width + 15) / 16 }
    fileprivate var macroblockRows: Int { (height + 15) / 16 }
}
