// SPDX-License-Identifier: MIT

import CameraCore

@testable import CameraCodecs
@testable import V4L2

/// H.264 of a camera that encodes by itself, in packets as the input cuts it.
@Sendable func passOnH264(_ bytes: UnsafeRawBufferPointer) { passOn(bytes, .h264, .h264) }

/// H.265 of such a camera.
@Sendable func passOnH265(_ bytes: UnsafeRawBufferPointer) { passOn(bytes, .h265, .h265) }

/// What an encoder of the kernel writes into its buffers, as H.264.
@Sendable func assembleH264(_ bytes: UnsafeRawBufferPointer) { assemble(bytes, .h264) }

/// The same as H.265.
@Sendable func assembleH265(_ bytes: UnsafeRawBufferPointer) { assemble(bytes, .h265) }

/// The same in the kernel's own test format.
@Sendable func assembleFWHT(_ bytes: UnsafeRawBufferPointer) { assemble(bytes, nil) }

private func passOn(_ bytes: UnsafeRawBufferPointer, _ format: MediaFormat, _ pixelFormat: PixelFormat) {
    _ = StreamProfile.name(in: Array(bytes), of: format)
    var input = InputReader(bytes)
    let codec = PassThroughCodec(of: pixelFormat)
    var configuration = CodecConfiguration(
        format: format, inputFormat: pixelFormat, size: Resolution(64, 48), frameRate: 30, color: .unspecified)
    configuration.options.inlineHeaders = input.byte() & 1 == 0
    var (given, delivered) = (0, 0)
    // Delivered on this very thread, by `encode`.
    nonisolated(unsafe) let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    defer { count.deallocate() }
    count.initialize(to: 0)
    guard
        (try? codec.configure(configuration) { result in
            if case .success(let packet) = result { precondition(packet.headerByteCount <= packet.bytes.count) }
            count.pointee += 1
        }) != nil
    else { preconditionFailure("the codec takes what it is given") }
    var index: Int64 = 0
    while !input.isOver, index < 64 {
        let frame = Frame.compressed(input.bytes(Int(input.word())), pixelFormat, sequence: UInt64(index))
        if (try? codec.encode(frame, index: index, asKeyFrame: input.byte() == 7)) != nil { given += 1 }
        index += 1
    }
    delivered = count.pointee
    precondition(given == delivered)
    codec.close()
}

private func assemble(_ bytes: UnsafeRawBufferPointer, _ format: ByteStream.Format?) {
    var input = InputReader(bytes)
    var assembler = PictureAssembler(format, EncoderPrimer(), repeatsHeaders: input.byte() & 1 == 0)
    var (expected, accounted): (Int64, Set<Int64>) = (0, [])
    func take(_ packets: [EncodedFrame]) {
        for packet in packets { precondition(accounted.insert(packet.index).inserted) }
    }
    // More than the frames that may wait inside, few enough to be tried often.
    for _ in 0..<200 where !input.isOver {
        let order = input.byte()
        let time = Timestamp(nanoseconds: Int64(input.byte()))
        switch order & 3 {
        case 0:
            let next = Timestamp(nanoseconds: expected + 1)
            assembler.expect(expected, at: next, asKeyFrame: order & 4 != 0)
            expected += 1
        case 1: assembler.noteReturn(at: time)
        case 2: take(assembler.settle())
        default:
            let flags = BufferState.Flags(rawValue: UInt32(input.word()) << 3)
            take(assembler.add(.init(time: time, flags: flags, bytes: input.bytes(Int(input.word())))))
        }
    }
    take(assembler.finish("the input is over"))
    precondition(accounted == Set(0..<expected) && assembler.isEmpty)
}
