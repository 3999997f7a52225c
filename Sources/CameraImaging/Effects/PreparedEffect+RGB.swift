// SPDX-License-Identifier: MIT

internal import CameraCore

extension PreparedEffect {
    /// Applies an effect of red, green and blue.
    func applyRGB(to picture: PictureMemory) {
        switch kind {
        case .solarize: map(picture, Array(repeating: ByteTable(bytes: solarized), count: 3))
        case .posterise:
            let steps = parameters[0].rounded(.down)
            let table = ByteTable(bytes: { min(steps - 1, ($0 * steps / 256).rounded(.down)) * 255 / (steps - 1) })
            map(picture, [table, table, table])
        case .colorbalance: balance(picture)
        case .colorswap: swapColors(of: picture)
        default: break
        }
    }

    /// Changes red, green and blue, each by its table.
    private func map(_ picture: PictureMemory, _ tables: [ByteTable]) {
        let (plane, places) = (picture.plane(0), picture.rgbPlaces)
        let (red, green, blue) = (tables[0], tables[1], tables[2])
        var pixel = plane.base
        for _ in 0..<picture.size.pixelCount {
            pixel[places.red] = red[pixel[places.red]]
            pixel[1] = green[pixel[1]]
            pixel[places.blue] = blue[pixel[places.blue]]
            pixel += places.step
        }
    }

    private func balance(_ picture: PictureMemory) {
        let (lens, u, v) = (parameters[0], parameters[4], parameters[5])
        // What is added to U and V, by BT.601 in full range.
        let added = [1.402 * v, -0.344 * u - 0.714 * v, 1.772 * u]
        map(picture, (0..<3).map { channel in ByteTable(bytes: { $0 * parameters[1 + channel] + added[channel] }) })
        if lens > 0 { brightenCorners(of: picture, lens) }
    }

    /// Amplifies by the square of the distance from the middle; at the corners by 1 and `strength` in 256ths.
    private func brightenCorners(of picture: PictureMemory, _ strength: Double) {
        let (size, plane, places) = (picture.size, picture.plane(0), picture.rgbPlaces)
        let middle = SIMD2(Double(size.width), Double(size.height)) / 2
        let scale = 256 * strength / (middle * middle).sum()
        func share(_ place: Int, _ middle: Double) -> Int32 {
            let distance = Double(place) + 0.5 - middle
            return Int32(scale * distance * distance)
        }
        let columns = (0..<size.width).map { share($0, middle.x) }
        for y in 0..<size.height {
            let row = plane.row(y)
            let height = share(y, middle.y) + 1 << 16
            for x in 0..<size.width {
                let factor = height &+ columns[x]
                let pixel = row + places.step * x
                for channel in 0..<3 {
                    let value = (Int32(pixel[channel]) &* factor &+ 1 << 15) &>> 16
                    pixel[channel] = UInt8(truncatingIfNeeded: min(255, value))
                }
            }
        }
    }

    private func swapColors(of picture: PictureMemory) {
        let places = picture.rgbPlaces
        let turnsRound = parameters[0] >= 0.5
        var pixel = picture.plane(0).base
        for _ in 0..<picture.size.pixelCount {
            let (red, green, blue) = (pixel[places.red], pixel[1], pixel[places.blue])
            pixel[places.red] = blue
            pixel[1] = turnsRound ? red : green
            pixel[places.blue] = turnsRound ? green : red
            pixel += places.step
        }
    }
}

extension PictureMemory {
    /// Where the colours of a pixel lie, and how many bytes it has.
    fileprivate var rgbPlaces: (red: Int, blue: Int, step: Int) {
        let startsWithRed = format == .rgb24 || format == .rgba
        return (startsWithRed ? 0 : 2, startsWithRed ? 2 : 0, format == .rgb24 || format == .bgr24 ? 3 : 4)
    }
}
