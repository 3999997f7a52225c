// SPDX-License-Identifier: MIT

#if X264
internal import CX264
internal import CameraCore

/// An open encoder of libx264.
final class X264Session: LibrarySession, @unchecked Sendable {
    // Unchecked: its codec calls it with a lock held.

    static let operation = "encoding H.264"
    /// The parameter sets, and the identification when packets do not carry it, as a byte stream.
    let headers: [UInt8]
    /// Takes each packet.
    let deliver: @Sendable (Result<EncodedFrame, CameraError>) -> Void

    private let encoder: OpaquePointer
    private let configuration: CodecConfiguration
    private let parameters: X264Parameters
    private let log: X264Log
    private let pool = BytePool()
    private let isLeftOut: (x264_nal_t) -> Bool

    init(
        _ configuration: CodecConfiguration, deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) {
        let log = X264Log()
        let parameters = try X264Parameters(configuration)
        log.attach(to: &parameters.values)
        guard let encoder = cx264_encoder_open(&parameters.values) else {
            throw X264Parameters.refusal(
                .invalidValue, "\(configuration.size)", log.takeError() ?? "x264 refuses the parameters")
        }
        let isLeftOut = Self.messagesLeftOut(configuration.options.sei)
        let inFront = parameters.values.b_repeat_headers == 0
        let headers = Self.headers(of: encoder) { !isLeftOut($0) && ($0.type != NAL_SEI || inFront) }
        do throws(CameraError) {
            try parameters.checkProfile(of: headers)
        } catch {
            x264_encoder_close(encoder)
            throw error
        }
        self.configuration = configuration
        self.parameters = parameters
        self.log = log
        self.encoder = encoder
        self.deliver = deliver
        self.isLeftOut = isLeftOut
        self.headers = headers
    }

    deinit {
        x264_encoder_close(encoder)
    }

    /// The messages that are not written: of all kinds, or only the encoder's name and parameters, or none.
    private static func messagesLeftOut(_ sei: Bool?) -> (x264_nal_t) -> Bool {
        switch sei {
        case true?: { _ in false }
        case false?: { $0.type == NAL_SEI }
        case nil: { $0.isIdentification }
        }
    }

    private static func headers(of encoder: OpaquePointer, where isWanted: (x264_nal_t) -> Bool) -> [UInt8] {
        var units: UnsafeMutablePointer<x264_nal_t>?
        var count: Int32 = 0
        guard x264_encoder_headers(encoder, &units, &count) >= 0 else { return [] }
        return UnsafeBufferPointer(start: units, count: Int(count)).filter(isWanted).flatMap(\.bytes)
    }

    func encode(
        _ frame: Frame, index: Int64, asKeyFrame: Bool
    ) throws(CameraError) -> Result<EncodedFrame?, CameraError> {
        try frame.check(fits: configuration)
        var picture = x264_picture_t()
        x264_picture_init(&picture)
        picture.i_pts = index
        picture.i_type = asKeyFrame ? X264_TYPE_IDR : X264_TYPE_AUTO
        picture.img.i_csp = parameters.values.i_csp
        picture.img.i_plane = Int32(frame.planeCount)
        func address(_ plane: Int) -> UnsafeMutablePointer<UInt8> {
            // x264 does not write to it, though the field is not const.
            UnsafeMutablePointer(mutating: frame.plane(plane).baseAddress.assumingMemoryBound(to: UInt8.self))
        }
        picture.img.plane.0 = address(0)
        picture.img.i_stride.0 = Int32(frame.plane(0).stride)
        picture.img.plane.1 = address(1)
        picture.img.i_stride.1 = Int32(frame.plane(1).stride)
        if frame.planeCount == 3 {
            picture.img.plane.2 = address(2)
            picture.img.i_stride.2 = Int32(frame.plane(2).stride)
        }
        return withExtendedLifetime(frame) { step(&picture) }
    }

    func flush() -> Result<EncodedFrame?, CameraError> {
        while x264_encoder_delayed_frames(encoder) > 0 {
            let result = step(nil)
            if case .success(nil) = result { continue }
            return result
        }
        return .success(nil)
    }

    private func step(_ picture: UnsafeMutablePointer<x264_picture_t>?) -> Result<EncodedFrame?, CameraError> {
        var units: UnsafeMutablePointer<x264_nal_t>?
        var count: Int32 = 0
        var output = x264_picture_t()
        let size = x264_encoder_encode(encoder, &units, &count, picture, &output)
        guard size >= 0 else {
            return .failure(CameraError(.codec, Self.operation, reason: log.takeError() ?? "x264 failed"))
        }
        guard size > 0 else { return .success(nil) }
        // One byte more: a start code can become longer.
        guard let block = pool.take(Int(size) + 1) else {
            return .failure(CameraError(.codec, Self.operation, reason: "there is no memory for the picture"))
        }
        return .success(packet(of: UnsafeBufferPointer(start: units, count: Int(count)), into: block, output))
    }

    /// Copies an access unit, whose units lie one after the other in x264's memory.
    private func packet(
        of units: UnsafeBufferPointer<x264_nal_t>, into block: PooledBytes, _ picture: x264_picture_t
    ) -> EncodedFrame {
        var count = 0
        var headerByteCount: Int?
        func append(_ bytes: UnsafePointer<UInt8>?, _ byteCount: Int) {
            guard let bytes else { return }
            (block.baseAddress + count).copyMemory(from: bytes, byteCount: byteCount)
            count += byteCount
        }
        for unit in units where !isLeftOut(unit) {
            if unit.isSlice, headerByteCount == nil { headerByteCount = count }
            // The first unit of a picture has a start code of four bytes (H.264, B.1.2).
            if count == 0, unit.b_long_startcode == 0 { append([0], 1) }
            append(unit.p_payload, Int(unit.i_payload))
        }
        let type: FrameType =
            switch picture.i_type {
            case X264_TYPE_IDR: .key
            case X264_TYPE_B, X264_TYPE_BREF: .bidirectional
            default: .predicted
            }
        return EncodedFrame(
            bytes: PacketBytes(block, count: count), headerByteCount: headerByteCount ?? 0, type: type,
            index: picture.i_pts, decodeIndex: picture.i_dts)
    }

    /// Changes the bit rate, or the cap of a quality, and the VBV in proportion.
    ///
    /// - Throws: `.unsupported` where x264 cannot; `.invalidValue` when the level does not allow the rate.
    func setBitRate(_ bitRate: Int) throws(CameraError) {
        let operation = "changing the bit rate"
        let before = parameters.values.rc
        guard before.i_vbv_max_bitrate > 0, before.i_vbv_buffer_size > 0, before.i_rc_method != X264_RC_CQP else {
            throw CameraError(
                .unsupported, operation,
                reason: before.i_rc_method == X264_RC_ABR
                    ? "x264 changes it only with a VBV; leave out 'vbv: none' when the encoder is made"
                    : "the encoder was made for a constant quality; give it a bit rate as well, as the cap")
        }
        guard parameters.values.i_nal_hrd == X264_NAL_HRD_NONE else {
            throw CameraError(
                .unsupported, operation, subject: "nal-hrd", reason: "x264 keeps the rate that the HRD names")
        }
        let rate = try X264Parameters.kilobits(bitRate)
        try parameters.checkLevel(configuration, bitRate: bitRate)
        var changed = x264_param_t()
        x264_encoder_parameters(encoder, &changed)
        let base = before.i_rc_method == X264_RC_ABR ? before.i_bitrate : before.i_vbv_max_bitrate
        func scaled(_ value: Int32) -> Int32 { Int32(clamping: max(Int64(value) * Int64(rate) / Int64(base), 1)) }
        if before.i_rc_method == X264_RC_ABR { changed.rc.i_bitrate = rate }
        changed.rc.i_vbv_max_bitrate = scaled(before.i_vbv_max_bitrate)
        changed.rc.i_vbv_buffer_size = scaled(before.i_vbv_buffer_size)
        guard x264_encoder_reconfig(encoder, &changed) == 0 else {
            throw CameraError(.codec, operation, reason: log.takeError() ?? "x264 refuses \(bitRate) bits per second")
        }
    }
}

extension x264_nal_t {
    fileprivate var type: nal_unit_type_e { nal_unit_type_e(UInt32(i_type)) }

    /// Whether the unit is a message of the encoder's own: the payload `user_data_unregistered` (H.264, D.1).
    fileprivate var isIdentification: Bool {
        let payload = b_long_startcode == 0 ? 4 : 5
        return type == NAL_SEI && bytes.count > payload && bytes[payload] == 5
    }

    /// Whether the unit holds a part of the picture.
    fileprivate var isSlice: Bool { (NAL_SLICE.rawValue...NAL_SLICE_IDR.rawValue).contains(type.rawValue) }

    fileprivate var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: p_payload, count: Int(i_payload)) }
}
#endif
