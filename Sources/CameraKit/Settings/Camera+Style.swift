// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraEncoders
public import CameraImaging

/// What is done to pictures in software, between the camera and the encoders: on any camera, also while recording.
///
/// The common style holds for all splitter ports but those that have a style of their own. Captures use a port too, 0 by
/// default. A change holds from the next frame that enters an encoder. Ports of the same style, size and format share the
/// drawn pictures. Frames of ``Camera/frames(stream:bufferingNewest:)`` stay as the camera delivers them.
extension Camera {
    /// The style of a splitter port; nil for the common style of all ports that have none of their own.
    public func style(splitterPort: Int? = nil) -> PictureStyle {
        styles.withLock { $0.style(of: splitterPort) }
    }

    /// Changes the style of a splitter port, or the common style of all ports that have none of their own.
    ///
    /// ```swift
    /// try camera.changeStyle { $0.annotation = Annotation("Lobby {timestamp:%H:%M:%S}") }
    /// ```
    ///
    /// - Parameters:
    ///   - splitterPort: The port, which has a style of its own from now on; nil for the common style.
    ///   - change: Changes the present style; may be called again when another thread changes it meanwhile.
    /// - Throws: `.invalidValue` for a value out of its range, an overlay larger than the pictures, or a quarter turn of
    ///   pictures that are being recorded, since it would change their size; `.notFound` for a missing font; `.unsupported`
    ///   for text in a build without FreeType, and while a recording takes pictures as the camera compresses them. The style
    ///   then stays as it was.
    public func changeStyle(
        splitterPort: Int? = nil, _ change: (inout PictureStyle) -> Void
    ) throws(CameraError) {
        try checkOpen("changing the pictures")
        while true {
            let (old, version) = styles.withLock { ($0.style(of: splitterPort), $0.version) }
            var style = old
            change(&style)
            let prepared = try PreparedStyle(style)
            try prepared.check(for: prepared.size(of: resolution))
            for encoder in encoders(affectedBy: splitterPort) { try encoder.check(prepared) }
            let isDone = styles.withLock { styles in
                guard styles.version == version else { return false }
                styles.set(StyleBook.Entry(style: style, prepared: prepared), of: splitterPort)
                return true
            }
            if isDone { return }
        }
    }

    /// Removes a port's own style; the common style holds for the port again.
    public func removeStyle(splitterPort: Int) throws(CameraError) {
        try checkOpen("changing the pictures")
        let common = styles.withLock { $0.common.prepared }
        let prepared = if let common { common } else { try PreparedStyle(PictureStyle()) }
        for encoder in encoders(affectedBy: splitterPort) { try encoder.check(prepared) }
        styles.withLock { $0.remove(splitterPort) }
    }

    private func encoders(affectedBy port: Int?) -> [VideoEncoder] {
        let own = styles.withLock { $0.ownPorts }
        return recordingPorts.filter { port == nil ? !own.contains($0) : $0 == port }
            .compactMap { try? recording($0, "changing the pictures").encoder }
    }

    // MARK: The most used of it

    /// The text on all pictures; nil for none.
    public var annotation: Annotation? { style().annotation }

    /// Puts text on all pictures; nil for none.
    ///
    /// - Throws: What ``changeStyle(splitterPort:_:)`` throws.
    public func setAnnotation(_ annotation: Annotation?) throws(CameraError) {
        try changeStyle { $0.annotation = annotation }
    }

    /// The one colour that all pictures have; nil for their own colours.
    public var colorEffects: ColorEffects? { style().colorEffects }

    /// Gives all pictures one colour; nil for their own colours.
    public func setColorEffects(_ effects: ColorEffects?) throws(CameraError) {
        try changeStyle { $0.colorEffects = effects }
    }

    /// The pictures that are laid over all pictures, the last one on top.
    public var overlays: [PictureOverlay] { style().overlays }

    /// Lays pictures over all pictures, the last one on top; an empty list removes them.
    ///
    /// - Throws: What ``changeStyle(splitterPort:_:)`` throws.
    public func setOverlays(_ overlays: [PictureOverlay]) throws(CameraError) {
        try changeStyle { $0.overlays = overlays }
    }
}
