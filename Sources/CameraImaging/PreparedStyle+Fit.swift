// SPDX-License-Identifier: MIT

package import CameraCore

extension PreparedStyle {
    /// Throws `.invalidValue` when a picture of this size has no room for an overlay.
    package func checkFit(in size: Resolution) throws(CameraError) {
        for overlay in style.overlays { try overlay.checkFit(in: size) }
    }
}
