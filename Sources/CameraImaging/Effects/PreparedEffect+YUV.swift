// SPDX-License-Identifier: MIT

internal import CameraCore

extension PreparedEffect {
    /// Applies it to a picture in place; in the layout that ``needsRGB`` asks for.
    ///
    /// - Parameters:
    ///   - picture: The picture.
    ///   - number: The frame's number, which moves the grain.
    func apply(to picture: PictureMemory, number: UInt64) {
        if needsRGB { return applyRGB(to: picture) }
        let color = picture.color
        switch kind {
        case .none, .colorswap, .colorbalance, .posterise: break
        case .negative:
            ByteTable(luma: color) { 255 - $0 }.map(picture.plane(0))
            mapChroma(of: picture, ByteTable(chroma: { -$0 }))
        case .solarize: ByteTable(luma: color, solarized).map(picture.plane(0))
        case .sketch: sketch(picture)
        case .denoise: smooth(picture)
        case .emboss: emboss(picture)
        case .blur:
            for (plane, step, _) in picture.sampledPlanes {
                Neighborhood.blur(plane, step: step, radius: Int(parameters[0]))
            }
        case .saturation: mapChroma(of: picture, ByteTable(chroma: { 1.6 * $0 }))
        case .washedout:
            ByteTable(luma: color) { 80 + 0.65 * $0 }.map(picture.plane(0))
            mapChroma(of: picture, ByteTable(chroma: { 0.5 * $0 }))
        case .watercolor: watercolor(picture)
        case .film: film(picture, number: number)
        case .colorpoint: keepQuadrant(of: picture)
        case .cartoon: cartoon(picture)
        }
    }

    /// The result for a value, by the four numbers of `solarize`.
    func solarized(_ value: Double) -> Double {
        let (x0, y0, y1, y2) = (parameters[1], parameters[2], parameters[3], parameters[4])
        if value < x0 { return value / max(1, x0 - 1) * y0 }
        return y1 + (value - x0) / max(1, 255 - x0) * (y2 - y1)
    }

    /// Changes U and V alike.
    private func mapChroma(of picture: PictureMemory, _ table: ByteTable) {
        for (plane, _, channels) in picture.sampledPlanes where channels != [0] { table.map(plane) }
    }

    /// Adds to U and V, up to their ends.
    private func add(u: Double, v: Double, to picture: PictureMemory) {
        guard u != 0 || v != 0 else { return }
        let tables = [ByteTable(bytes: { $0 + u }), ByteTable(bytes: { $0 + v })]
        for (plane, step, channels) in picture.sampledPlanes where channels != [0] {
            for (offset, channel) in channels.enumerated() {
                tables[channel - 1].map(plane.base + offset, count: plane.byteCount / step, step: step)
            }
        }
    }

    private func smooth(_ picture: PictureMemory) {
        for (plane, step, _) in picture.sampledPlanes { Neighborhood.median(plane, step: step) }
    }

    private func sketch(_ picture: PictureMemory) {
        let luma = picture.plane(0)
        Neighborhood.blur(luma, step: 1, radius: 1)
        // Weak edges are noise.
        let paper = ByteTable(luma: .jpeg) { 255 - max(0, 3 * ($0 - 8)) }
        let range = ByteTable(fullTo: picture.color)
        RowWindow(radius: 1, step: 1, rowBytes: luma.rowBytes).slide(over: luma) { lines, target in
            Neighborhood.edges(lines, into: target, count: luma.rowBytes)
            paper.map(target, count: luma.rowBytes)
            range.map(target, count: luma.rowBytes)
        }
        ColorEffects.blackAndWhite.apply(to: picture)
    }

    private func emboss(_ picture: PictureMemory) {
        let luma = picture.plane(0)
        let range = ByteTable(fullTo: picture.color)
        RowWindow(radius: 1, step: 1, rowBytes: luma.rowBytes).slide(over: luma) { lines, target in
            Neighborhood.relief(lines, into: target, count: luma.rowBytes)
            range.map(target, count: luma.rowBytes)
        }
        ColorEffects.blackAndWhite.apply(to: picture)
    }

    /// Flattens the luma at half its size, where three medians reach far and cost little.
    private func watercolor(_ picture: PictureMemory) {
        let luma = picture.plane(0)
        let half = (width: (luma.rowBytes + 1) / 2, height: (luma.rows + 1) / 2)
        let cells = Cells<UInt8>(repeating: 0, count: half.width * half.height)
        let small = PictureMemory.Plane(base: cells.base, rowBytes: half.width, rows: half.height)
        luma.buffer.view.scale(to: small.buffer)
        for _ in 0..<3 { Neighborhood.median(small, step: 1) }
        small.buffer.view.scale(to: luma.buffer)
        ByteTable(luma: picture.color) { Self.stepped($0, steps: 12) }.map(luma)
        for (plane, step, channels) in picture.sampledPlanes where channels != [0] {
            Neighborhood.median(plane, step: step)
        }
        mapChroma(of: picture, ByteTable(chroma: { 1.2 * $0 }))
        add(u: parameters[0], v: parameters[1], to: picture)
    }

    /// Lies on one of a few steps, with a slope from each to the next.
    private static func stepped(_ value: Double, steps: Double) -> Double {
        let place = value * steps / 255
        let step = place.rounded(.down)
        let slope = max(0, min(1, (place - step - 0.5) * 3 + 0.5))
        return (step + slope) * 255 / steps
    }

    private func film(_ picture: PictureMemory, number: UInt64) {
        Grain.shared.add(to: picture.plane(0), strength: Int16(parameters[0]), number: number)
        mapChroma(of: picture, ByteTable(chroma: { 0.7 * $0 }))
        add(u: parameters[1], v: parameters[2], to: picture)
    }

    /// Takes the colour away from all pixels but those in one quadrant of U and V.
    private func keepQuadrant(of picture: PictureMemory) {
        // 0 green, 1 red and yellow, 2 blue, 3 purple.
        let quadrant = Int(parameters[0])
        let (keepsHighU, keepsHighV) = (quadrant >= 2, quadrant % 2 == 1)
        let chroma = picture.sampledPlanes.filter { $0.channels != [0] }
        guard let first = chroma.first, let last = chroma.last else { return }
        let (step, isVFirst) = (first.step, first.channels[0] == 2)
        let (even, odd) = (first.plane.base, step == 2 ? first.plane.base + 1 : last.plane.base)
        let (u, v) = isVFirst ? (odd, even) : (even, odd)
        for index in stride(from: 0, to: first.plane.byteCount, by: step) {
            let isKept = (u[index] >= 128) == keepsHighU && (v[index] >= 128) == keepsHighV
            u[index] = isKept ? u[index] : 128
            v[index] = isKept ? v[index] : 128
        }
    }

    private func cartoon(_ picture: PictureMemory) {
        smooth(picture)
        let luma = picture.plane(0)
        Neighborhood.median(luma, step: 1)
        let flat = ByteTable(luma: picture.color) { Self.stepped($0, steps: 7) }
        let ink = ByteTable(bytes: { 3 * ($0 - 24) })
        let black: UInt8 = picture.color.range == .full ? 0 : 16
        let edges = Cells<UInt8>(repeating: 0, count: luma.rowBytes)
        RowWindow(radius: 1, step: 1, rowBytes: luma.rowBytes).slide(over: luma) { lines, target in
            Neighborhood.edges(lines, into: edges.base, count: luma.rowBytes)
            for index in 0..<luma.rowBytes {
                let value = Int16(flat[lines[1][index]]) &- Int16(ink[edges.base[index]])
                target[index] = UInt8(truncatingIfNeeded: max(Int16(black), value))
            }
        }
        mapChroma(of: picture, ByteTable(chroma: { 1.3 * $0 }))
    }
}

extension PictureMemory {
    /// The planes of a picture of Y, U and V, the bytes from a sample to the next of its channel, and the channels.
    fileprivate var sampledPlanes: [(plane: Plane, step: Int, channels: [Int])] {
        format.inkPlanes.enumerated().map { index, plane in
            (self.plane(index), plane.channels.count, plane.channels.compactMap { $0 })
        }
    }
}

extension PictureMemory.Plane {
    /// The plane as libyuv sees it.
    fileprivate var buffer: PlaneBuffer {
        PlaneBuffer(base: base, stride: Int32(rowBytes), width: Int32(rowBytes), height: Int32(rows))
    }
}
