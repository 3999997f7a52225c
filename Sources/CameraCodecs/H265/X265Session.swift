// SPDX-License-Identifier: MIT

#if X265
internal import CX265
internal import CameraCore

/// An open encoder of libx265.
final class X265Session: LibrarySession, @unchecked Sendable {
    // Unchecked: its codec calls it with a lock held.

    static let operation = "encoding H.265"
    let headers: [UInt8]
    let deliver: @Sendable (Result<EncodedFrame, CameraError>) -> Void

    private let library: X265Library
    private let parameters: X265Parameters
    private let encoder: OpaquePointer
    private let input: UnsafeMutablePointer<x265_picture>
    private let output: UnsafeMutablePointer<x265_picture>
    private let configuration: CodecConfiguration
    private let pool = BytePool()

    init(
        _ configuration: CodecConfiguration, deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) {
        let library = try X265Library()
        let parameters = try X265Parameters(configuration, library)
        guard let encoder = library.functions.encoder_open(parameters.values) else {
            throw X265Parameters.refusal(
                .invalidValue, "\(configuration.size)",
                "x265 refuses the parameters together"
                    + (configuration.options.level.map { "; see whether level \($0) allows them" } ?? ""))
        }
        guard let input = library.functions.picture_alloc(), let output = library.functions.picture_alloc() else {
            library.functions.encoder_close(encoder)
            throw CameraError(.codec, X265Parameters.operation, reason: "there is no memory for a picture")
        }
        library.functions.picture_init(parameters.values, input)
        self.library = library
        self.parameters = parameters
        self.encoder = encoder
        self.input = input
        self.output = output
        self.configuration = configuration
        self.deliver = deliver
        headers = Self.headers(of: encoder, library)
    }

    deinit {
        library.functions.picture_free(input)
        library.functions.picture_free(output)
        library.functions.encoder_close(encoder)
    }

    private static func headers(of encoder: OpaquePointer, _ library: X265Library) -> [UInt8] {
        var units: UnsafeMutablePointer<x265_nal>?
        var count: UInt32 = 0
        guard library.functions.encoder_headers(encoder, &units, &count) >= 0 else { return [] }
        return UnsafeBufferPointer(start: units, count: Int(count)).flatMap(\.bytes)
    }

    func encode(
        _ frame: Frame, index: Int64, asKeyFrame: Bool
    ) throws(CameraError) -> Result<EncodedFrame?, CameraError> {
        try frame.check(fits: configuration)
        let (luma, blue, red) = (frame.plane(0), frame.plane(1), frame.plane(2))
        cx265_set_planes(
            input, luma.baseAddress, blue.baseAddress, red.baseAddress, Int32(luma.stride), Int32(blue.stride),
            Int32(red.stride))
        input.pointee.pts = index
        input.pointee.sliceType = asKeyFrame ? X265_TYPE_IDR : X265_TYPE_AUTO
        return withExtendedLifetime(frame) { step(input) }
    }

    func flush() -> Result<EncodedFrame?, CameraError> {
        // Without a picture x265 waits for one of those that it works on.
        step(nil)
    }

    private func step(_ picture: UnsafeMutablePointer<x265_picture>?) -> Result<EncodedFrame?, CameraError> {
        var units: UnsafeMutablePointer<x265_nal>?
        var count: UInt32 = 0
        let result = library.encode(encoder, picture, output, &units, &count)
        guard result >= 0 else { return .failure(CameraError(.codec, Self.operation, reason: "x265 failed")) }
        guard result > 0, count > 0 else { return .success(nil) }
        let list = UnsafeBufferPointer(start: units, count: Int(count))
        guard let block = pool.take(list.reduce(0) { $0 + Int($1.sizeBytes) }) else {
            return .failure(CameraError(.codec, Self.operation, reason: "there is no memory for the picture"))
        }
        return .success(packet(of: list, into: block))
    }

    private func packet(of units: UnsafeBufferPointer<x265_nal>, into block: PooledBytes) -> EncodedFrame {
        var count = 0
        for unit in units {
            (block.baseAddress + count).copyMemory(from: unit.payload, byteCount: Int(unit.sizeBytes))
            count += Int(unit.sizeBytes)
        }
        let type: FrameType =
            switch output.pointee.sliceType {
            case X265_TYPE_IDR: .key
            case X265_TYPE_B, X265_TYPE_BREF: .bidirectional
            default: .predicted
            }
        return EncodedFrame(
            bytes: PacketBytes(block, count: count),
            headerByteCount: units.prefix { !$0.isSlice }.reduce(0) { $0 + Int($1.sizeBytes) }, type: type,
            index: output.pointee.pts, decodeIndex: output.pointee.dts)
    }

    /// Changes the bit rate, or the cap of a quality, and the VBV with it.
    ///
    /// - Throws: `.unsupported` where x265 cannot.
    func setBitRate(_ bitRate: Int) throws(CameraError) {
        let operation = "changing the bit rate"
        let isCap = configuration.options.quality != nil
        guard parameters.values.pointee.rc.vbvMaxBitrate > 0 else {
            throw CameraError(
                .unsupported, operation,
                reason: isCap
                    ? "the encoder was made for a constant quality; give it a bit rate as well, as the cap"
                    : "x265 changes it only with a VBV; leave out 'vbv: none' when the encoder is made")
        }
        let rate = try X265Parameters.kilobits(bitRate)
        guard let changed = library.functions.param_alloc() else {
            throw CameraError(.codec, operation, reason: "there is no memory for the parameters")
        }
        defer {
            // What the encoder's parameters point to stays the encoder's.
            library.functions.param_default(changed)
            library.functions.param_free(changed)
        }
        library.functions.encoder_parameters(encoder, changed)
        if !isCap { changed.pointee.rc.bitrate = rate }
        changed.pointee.rc.vbvMaxBitrate = rate
        changed.pointee.rc.vbvBufferSize = rate
        guard library.functions.encoder_reconfig(encoder, changed) >= 0 else {
            throw CameraError(.codec, operation, reason: "x265 refuses \(bitRate) bits per second")
        }
    }
}

extension x265_nal {
    /// Whether the unit holds a part of the picture (H.265, table 7-1).
    fileprivate var isSlice: Bool { type < NAL_UNIT_VPS.rawValue }

    fileprivate var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: payload, count: Int(sizeBytes)) }
}
#endif
