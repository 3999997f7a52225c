// SPDX-License-Identifier: MIT

import CameraCore
import Foundation
import TestSupport

/// Figures of a picture in the layout yuv420.
struct MeasuredPicture: Hashable {
    /// The means of luma, blue-difference and red-difference samples.
    let luma: Double
    let blue: Double
    let red: Double
    /// The standard deviation of luma.
    let deviation: Double
    /// The mean distance of chroma from grey.
    let color: Double
    /// The mean difference of neighbours in a row of luma.
    let sharpness: Double
    /// A check of all bytes.
    private let hash: Int

    init(_ frame: Frame) { self.init(frame, PixelRegion(x: 0, y: 0, size: frame.size)) }

    /// Measures a part whose sides and place are even.
    init(_ frame: Frame, _ region: PixelRegion) {
        func samples(_ plane: Int, _ divisor: Int) -> [[Double]] {
            let plane = frame.plane(plane)
            return (region.y / divisor..<(region.y + region.size.height) / divisor).map { row in
                (region.x / divisor..<(region.x + region.size.width) / divisor).map { column in
                    Double((plane.baseAddress + row * plane.stride + column).load(as: UInt8.self))
                }
            }
        }
        func mean(_ numbers: some Collection<Double>) -> Double { numbers.reduce(0, +) / Double(numbers.count) }
        let rows = samples(0, 1)
        let luma = rows.flatMap(\.self)
        let (blue, red) = (samples(1, 2).flatMap(\.self), samples(2, 2).flatMap(\.self))
        let middle = mean(luma)
        self.luma = middle
        self.blue = mean(blue)
        self.red = mean(red)
        deviation = mean(luma.map { ($0 - middle) * ($0 - middle) }).squareRoot()
        color = mean((blue + red).map { abs($0 - 128) })
        sharpness = mean(rows.flatMap { row in zip(row, row.dropFirst()).map { abs($0 - $1) } })
        hash = [luma, blue, red].hashValue
    }

    /// The mean of bytes.
    static func mean(_ bytes: Data) -> Double { Double(bytes.reduce(0) { $0 + Int($1) }) / Double(bytes.count) }
}
