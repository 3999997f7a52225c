// SPDX-License-Identifier: MIT

package import CameraCore

extension FrameConverter {
    /// Converts a frame and does what a style asks.
    ///
    /// - Parameters:
    ///   - frame: A frame, which is only read.
    ///   - format: The wanted layout; any but the compressed ones.
    ///   - size: The size of the result, after the style's quarter turn if there is one.
    ///   - color: What the numbers of the result are to mean.
    ///   - style: What is done besides.
    /// - Returns: A packed frame; the very frame that was given where nothing is to be done; nil when the pool has lent all
    ///   it may.
    /// - Throws: As the plain conversion; `.invalidValue` for an overlay larger than the result; what the style's drawing
    ///   throws.
    package func convert(
        _ frame: Frame, to format: PixelFormat, size: Resolution, color: ColorSpace, style: PreparedStyle
    ) throws(CameraError) -> Frame? {
        if style.isPlain { return try convert(frame, to: format, size: size, color: color) }
        try style.check(for: size)
        guard format.bayer == nil else {
            throw CameraError(
                .unsupported, Conversion.operation, subject: format.name,
                reason: "a sensor's own picture is written as it is; leave rotation, zoom, effects and drawing out")
        }
        let steps = style.steps(for: format)
        // From this step on the picture has its final layout, and so its final memory.
        let settled = (steps.lastIndex { $0.format != format } ?? -1) + 1
        // The camera's frame is read once, by the step that also crops, scales and turns it.
        let first = Work(
            format: steps.first?.format ?? format, size: size, color: color, crop: style.crop(of: frame.size),
            transform: style.style.transform)
        guard var bytes = try convertedBytes(of: frame, to: first, from: settled == 0 ? pool : intermediates) else {
            return nil
        }
        var made = first.format
        for (index, step) in steps.enumerated() {
            if step.format != made {
                let between = Frame(
                    packed: made, size: size, color: color.labelling(made), info: frame.info, bytes: bytes)
                let work = Work(format: step.format, size: size, color: color)
                let memory = index >= settled ? pool : intermediates
                guard let next = try convertedBytes(of: between, to: work, from: memory) else { return nil }
                (bytes, made) = (next, step.format)
            }
            let label = color.labelling(made)
            switch step.kind {
            case .effect:
                style.effect.apply(
                    to: PictureMemory(bytes, format: made, size: size, color: label), number: frame.info.sequence)
            case .colors:
                style.style.colorEffects?.apply(to: PictureMemory(bytes, format: made, size: size, color: label))
            case .drawing: try style.draw(on: bytes, made, size: size, color: label, frame.info)
            case .nothing: break
            }
        }
        return pool.frame(packed: format, size: size, color: color.labelling(format), info: frame.info, bytes: bytes)
    }
}

extension PreparedStyle {
    /// Something that is done to a picture, and the layout that it is done in.
    fileprivate struct Step {
        enum Kind {
            case effect, colors, drawing, nothing
        }

        let kind: Kind
        let format: PixelFormat
    }

    /// What is done for a result in this layout, which the last step has.
    fileprivate func steps(for format: PixelFormat) -> [Step] {
        let drawable = format.drawable
        // Luma and chroma of red, green and blue, where something is done to these.
        let planar = format.isRGB ? PixelFormat.yuv420 : drawable
        var steps: [Step] = []
        if effect.kind != .none {
            steps.append(
                Step(
                    kind: .effect, format: effect.needsRGB && !format.isRGB ? .rgb24 : effect.needsRGB ? format : planar
                ))
        }
        if style.colorEffects != nil { steps.append(Step(kind: .colors, format: planar)) }
        if !style.overlays.isEmpty || text != nil || style.drawing != nil {
            steps.append(Step(kind: .drawing, format: drawable))
        }
        if let last = steps.last, last.format != format { steps.append(Step(kind: .nothing, format: format)) }
        return steps
    }

    /// The part of a frame that is shown; nil for all of it.
    fileprivate func crop(of size: Resolution) -> PixelRegion? {
        guard style.zoom != .full else { return nil }
        func edges(_ start: Double, _ length: Double, _ side: Int) -> Range<Int> {
            let first = max(0, min(side - 1, Int((start * Double(side)).rounded())))
            let end = Int(((start + length) * Double(side)).rounded())
            return first..<max(first + 1, min(side, end))
        }
        let columns = edges(style.zoom.x, style.zoom.width, size.width)
        let rows = edges(style.zoom.y, style.zoom.height, size.height)
        return PixelRegion(x: columns.lowerBound, y: rows.lowerBound, size: Resolution(columns.count, rows.count))
    }

    /// Draws overlays, text and what the user's code wants.
    fileprivate func draw(
        on bytes: PooledBytes, _ format: PixelFormat, size: Resolution, color: ColorSpace, _ info: FrameInfo
    ) throws(CameraError) {
        let picture = PictureMemory(bytes, format: format, size: size, color: color)
        for overlay in style.overlays { try overlay.draw(on: picture) }
        try text?.draw(on: picture, info)
        guard let drawing = style.drawing else { return }
        var canvas = try Canvas(bytes, format: format, size: size, color: color, info: info)
        do {
            try drawing(&canvas)
        } catch {
            throw CameraError(wrapping: error, as: .codec, "drawing on a frame")
        }
    }
}
