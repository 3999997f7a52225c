// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraImaging

/// Makes the records of motion vectors of the frames that enter a codec, in their order.
struct MotionTracker {
    private var search: MotionSearch
    private let stage: ConversionStage
    private let pool = BytePool()

    /// Prepares for the frames of an encoder.
    init(_ input: EncoderInput) {
        search = MotionSearch(input.size)
        stage = input.stage
    }

    /// The record of the next frame; zeros for the first.
    ///
    /// - Throws: What converting a frame to luma throws; a picture that cannot be decoded moved nothing.
    mutating func record(of frame: Frame) throws(CameraError) -> PacketBytes {
        let field: MotionField
        do throws(CameraError) {
            field = try search.search(try luma(of: frame))
        } catch  where error.code == .corruptData {
            // The recording has it as the camera sent it, and so it has a record.
            field = MotionField(of: search.size)
        }
        let count = field.bytes.count
        guard let block = pool.take(count) else {
            throw CameraError(.system, "keeping motion vectors", reason: "no memory left in the pool")
        }
        field.bytes.withUnsafeBytes { record in
            UnsafeMutableRawBufferPointer(start: block.baseAddress, count: count).copyMemory(from: record)
        }
        return PacketBytes(block, count: count)
    }

    private func luma(of frame: Frame) throws(CameraError) -> Frame {
        if MotionSearch.reads(frame.format) { return frame }
        let color: ColorSpace =
            if frame.format.isCompressed { .jpeg } else if frame.format.isRGB { .bt601 } else { frame.color }
        return try stage.convert(frame, to: .grey, size: frame.size, color: color)
    }
}
