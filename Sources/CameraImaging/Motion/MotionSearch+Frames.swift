// SPDX-License-Identifier: MIT

package import CameraCore

extension MotionSearch {
    /// Whether frames of a layout have their luma in a plane of its own, a byte for each pixel.
    package static func reads(_ format: PixelFormat) -> Bool {
        [.yuv420, .nv12, .nv21, .yuv422, .grey].contains(format)
    }

    /// Takes the next frame of a recording.
    ///
    /// - Parameter frame: A frame of ``size`` whose layout ``reads(_:)`` knows; it is not kept.
    /// - Returns: The vectors; all zero for the first frame.
    /// - Throws: `.corruptData` for a frame whose plane is too short; `.invalidValue` for another size or layout.
    package mutating func search(_ frame: Frame) throws(CameraError) -> MotionField {
        let operation = "computing motion vectors"
        guard frame.size == size, Self.reads(frame.format) else {
            throw CameraError(
                .invalidValue, operation,
                reason: "the frame is \(frame.format.name) of \(frame.size) instead of luma of \(size)")
        }
        let plane = frame.plane(0)
        guard plane.stride >= size.width, plane.stride <= Int32.max,
            plane.byteCount >= plane.stride * (size.height - 1) + size.width
        else {
            throw CameraError(
                .corruptData, operation,
                reason: "the frame has \(plane.byteCount) bytes in rows of \(plane.stride), too few for \(size)")
        }
        return search(
            PlaneView(
                base: plane.baseAddress.assumingMemoryBound(to: UInt8.self), stride: Int32(plane.stride),
                width: Int32(size.width), height: Int32(size.height)))
    }
}
