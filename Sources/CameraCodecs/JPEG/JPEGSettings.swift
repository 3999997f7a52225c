// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

/// What the options of a JPEG encoder come to.
struct JPEGSettings {
    /// The quality of each picture when no bit rate is given, 1...100.
    let quality: Int
    /// Moves the quality; nil without a bit rate.
    let rateControl: JPEGRateControl?
    /// Threads that compress.
    let threads: Int
    /// Rows of coding units from one restart marker to the next; 0 for none.
    let restartInterval: Int
    /// What pictures have besides themselves; nil for nothing.
    let metadata: JPEGMetadata?

    /// Checks the options.
    ///
    /// - Throws: `.invalidValue` or `.unknownOption` that names the option.
    init(_ configuration: CodecConfiguration) throws(CameraError) {
        let options = configuration.options
        let isVideo = configuration.format == .mjpeg
        let common: Set = ["quality", "restartInterval", "threads"]
        let others: Set = isVideo ? ["bitRate"] : ["exif", "thumbnail"]
        try options.check(known: common.union(others), for: configuration.format)
        guard JPEGCodec.inputFormats.contains(configuration.inputFormat) else {
            let names = JPEGCodec.inputFormats.map(\.name).joined(separator: ", ")
            throw Self.refusal(configuration.inputFormat.name, "the encoder takes \(names)")
        }
        let size = try configuration.size.validated(JPEGCodec.operation)
        let rate = try configuration.frameRate.validated(JPEGCodec.operation)
        quality = try Self.value(options.quality ?? 85, of: "quality", in: 1...100)
        let limit = isVideo ? min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 4) : 1
        threads = try Self.value(options.threads ?? limit, of: "threads", in: 1...128)
        if let bitRate = options.bitRate {
            rateControl = JPEGRateControl(
                bitRate: try Self.checkedBitRate(bitRate), best: options.quality ?? JPEGRateControl.best,
                frameRate: rate, pixelCount: size.pixelCount)
        } else {
            rateControl = nil
        }
        let unitWidth = configuration.inputFormat.codingUnit.width
        // The format has 16 bits for the coding units between two markers (ITU-T T.81, B.2.4.4).
        let most = Int(UInt16.max) / ((size.width + unitWidth - 1) / unitWidth)
        restartInterval = options.restartInterval ?? 0
        guard (0...most).contains(restartInterval) else {
            throw Self.refusal(
                "restartInterval",
                "\(restartInterval) is not 0, for none, or in 1...\(most), which is the most at this width")
        }
        metadata = try JPEGMetadata(options, size: size)
    }

    /// The bit rate itself when it is one that can be kept.
    ///
    /// - Throws: `.invalidValue`.
    static func checkedBitRate(_ bitRate: Int) throws(CameraError) -> Int {
        try value(bitRate, of: "bitRate", in: 1000...100_000_000_000)
    }

    private static func value(_ value: Int, of name: String, in range: ClosedRange<Int>) throws(CameraError) -> Int {
        guard range.contains(value) else {
            throw refusal(name, "\(value) does not lie in \(range.lowerBound)...\(range.upperBound)")
        }
        return value
    }

    private static func refusal(_ subject: String, _ reason: String) -> CameraError {
        CameraError(.invalidValue, JPEGCodec.operation, subject: subject, reason: reason)
    }
}
