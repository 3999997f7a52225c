// SPDX-License-Identifier: MIT

internal import CameraCore

/// Moves the quality of JPEG pictures so that their bytes follow a bit rate.
///
/// A picture's size is taken as its complexity times a fixed function of the quality. Each compressed picture corrects the
/// complexity, and what it had too many or too few bytes is made up for over the following two seconds. Pictures on their way
/// count with what was expected of them, so that deciding ahead of the results does not make the quality swing.
struct JPEGRateControl {
    private let qualities: ClosedRange<Int>
    private let framesPerSecond: Double
    private var bytesPerFrame: Double
    private var bytesPerWeight: Double
    /// Bytes beyond the bit rate.
    private var surplus = 0.0
    /// The quality and the expected bytes of each picture that is on its way, the oldest first.
    private var pending: [(quality: Int, bytes: Double)] = []

    /// Starts with a guess at the pictures' complexity.
    ///
    /// - Parameters:
    ///   - bitRate: Bits per second.
    ///   - best: The best quality to use, 1...100.
    ///   - frameRate: The nominal rate.
    ///   - pixelCount: Pixels of a picture.
    init(bitRate: Int, best: Int, frameRate: FrameRate, pixelCount: Int) {
        qualities = min(Self.worst, best)...best
        framesPerSecond = frameRate.framesPerSecond
        bytesPerFrame = Double(bitRate) / 8 / framesPerSecond
        // A tenth of a byte for each pixel at quality 50: camera pictures of medium detail.
        bytesPerWeight = Double(pixelCount) * 0.1
    }

    /// Below this pictures are blocks, and hardly smaller.
    private static let worst = 5
    /// The best quality unless one is asked for: beyond it sizes grow without visible gain.
    static let best = 95

    /// Changes the bit rate from the next picture on.
    mutating func setBitRate(_ bitRate: Int) {
        bytesPerFrame = Double(bitRate) / 8 / framesPerSecond
        surplus = 0
    }

    /// Pictures whose size is not known yet.
    var pendingCount: Int { pending.count }

    /// Decides the quality of the next picture.
    mutating func nextQuality() -> Int {
        let wish = bytesPerFrame - surplus / max(2 * framesPerSecond, 8)
        let limit = min(max(wish, bytesPerFrame / 4), bytesPerFrame * 2)
        let quality = qualities.last { Self.weight($0) * bytesPerWeight <= limit } ?? qualities.lowerBound
        let expected = Self.weight(quality) * bytesPerWeight
        pending.append((quality, expected))
        add(expected - bytesPerFrame)
        return quality
    }

    /// Takes note of the size of the oldest picture on its way.
    mutating func record(byteCount: Int) {
        guard !pending.isEmpty else { return }
        let (quality, expected) = pending.removeFirst()
        add(Double(byteCount) - expected)
        let difference = Double(byteCount) / Self.weight(quality) - bytesPerWeight
        // A change of scene is followed at once, what pictures differ by from one to the next slowly: sizes change by a
        // tenth when things move against the grid of blocks.
        let isNewScene = abs(difference) > bytesPerWeight / 5
        bytesPerWeight += difference * (isNewScene ? 0.5 : 0.1)
    }

    /// Forgets what is older than about a second: a long quiet scene does not pay for a burst.
    private mutating func add(_ bytes: Double) {
        let second = bytesPerFrame * max(framesPerSecond, 1)
        surplus = min(max(surplus + bytes, -second / 4), second)
    }

    /// How large pictures are at a quality, as a share of those at quality 50: the inverse of how coarse they are quantised.
    ///
    /// libjpeg scales its quantisation tables by 50 / quality below 50 and by 2 - quality / 50 above
    /// (`jpeg_quality_scaling`). Measured with cjpeg, sizes go with the inverse to the power 0.4 to 0.6 for camera pictures
    /// and to 1.6 for noise; the power 1 makes the quality neither swing with the one nor lag far with the other.
    private static func weight(_ quality: Int) -> Double {
        quality < 50 ? Double(quality) / 50 : 1 / max(2 - Double(quality) / 50, 0.02)
    }
}
