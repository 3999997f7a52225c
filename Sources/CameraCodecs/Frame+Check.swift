// SPDX-License-Identifier: MIT

internal import CameraCore

extension Frame {
    /// Refuses a frame that is not what the codec was made for, or whose planes are too short for its size.
    ///
    /// - Throws: `.invalidValue`.
    func check(fits configuration: CodecConfiguration) throws(CameraError) {
        guard format == configuration.inputFormat, size == configuration.size else {
            throw CameraError(
                .invalidValue, "encoding a frame",
                reason: "it is \(size) in \(format.name), but the encoder was made for \(configuration.size) in "
                    + configuration.inputFormat.name)
        }
        for index in 0..<planeCount {
            let plane = plane(index)
            guard let layout = format.layout(ofPlane: index) else { continue }
            let rowBytes = layout.rowBytes(width: size.width)
            let needed = plane.stride * (layout.rows(height: size.height) - 1) + rowBytes
            guard plane.stride >= rowBytes, plane.stride <= Int(Int32.max), plane.byteCount >= needed else {
                throw CameraError(
                    .invalidValue, "encoding a frame",
                    reason: "plane \(index) has \(plane.byteCount) bytes in rows of \(plane.stride), but \(size) in "
                        + "\(format.name) needs \(needed)")
            }
        }
    }
}
