// SPDX-License-Identifier: MIT

internal import CameraCore

extension ColorEffects {
    /// Gives a picture of Y, U and V one colour.
    func apply(to picture: PictureMemory) {
        for (index, plane) in picture.format.inkPlanes.enumerated() where plane.channels != [0] {
            let target = picture.plane(index)
            for (offset, channel) in plane.channels.enumerated() {
                let value = channel == 1 ? u : v
                for byte in stride(from: offset, to: target.byteCount, by: plane.channels.count) {
                    target.base[byte] = value
                }
            }
        }
    }
}
