// SPDX-License-Identifier: MIT

package import CameraCore
internal import Synchronization

/// A checked picture style that does not change any more; who shares it shares what was drawn.
///
/// Safe to use from any thread.
package final class PreparedStyle: Sendable {
    /// Tells this style from all others of the process; never 0.
    package let serial: UInt64
    let style: PictureStyle
    let effect: PreparedEffect
    let text: PreparedText?

    /// Checks a style; nothing is drawn yet.
    ///
    /// - Throws: `.invalidValue` for what is out of its range, `.notFound` for a font that is missing, `.unsupported` for
    ///   text where FreeType was left out of the build.
    package init(_ style: PictureStyle) throws(CameraError) {
        guard style.zoom.isValid else {
            throw CameraError(
                .invalidValue, "setting the zoom", subject: style.zoom.description,
                reason: "the part must have an area and lie within 0...1 both ways")
        }
        effect = try PreparedEffect(style.effect, style.effectParameters)
        for overlay in style.overlays { try overlay.checkShape() }
        text = try style.annotation.map { annotation throws(CameraError) in try PreparedText(annotation) }
        self.style = style
        serial = Self.serials.wrappingAdd(1, ordering: .relaxed).newValue
    }

    private static let serials = Atomic<UInt64>(0)

    /// Whether pictures stay as they are.
    package var isPlain: Bool {
        style.zoom == .full && style.transform.isIdentity && style.effect == .none && style.colorEffects == nil
            && style.overlays.isEmpty && style.annotation == nil && style.drawing == nil
    }

    /// Whether pictures are turned by a quarter.
    package var isTurned: Bool { style.transform.swapsSides }

    /// The size of pictures of a stream once they are turned.
    package func size(of stream: Resolution) -> Resolution {
        isTurned ? Resolution(stream.height, stream.width) : stream
    }

    /// Throws when an overlay is larger than pictures of this size.
    package func check(for size: Resolution) throws(CameraError) {
        for overlay in style.overlays { try overlay.checkFit(in: size) }
    }
}
