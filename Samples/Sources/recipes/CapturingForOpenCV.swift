// SPDX-License-Identifier: MIT

import CameraKit

func capturingForOpenCV(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga)
    defer { camera.close() }
    // Stands for code in C or C++: cv::Mat is made of such a pointer, the rows, the columns and the bytes of a row.
    func meanOfBlue(_ data: UnsafePointer<UInt8>, _ rows: Int, _ columns: Int, _ rowBytes: Int) -> Double {
        var sum = 0
        for row in 0..<rows {
            for column in 0..<columns { sum += Int(data[row * rowBytes + 3 * column]) }
        }
        return Double(sum) / Double(rows * columns)
    }
    let output = ArrayOutput()
    try camera.capture(to: .output(output), format: .bgr24)
    let pixels = try output.pixels
    pixels.span.withUnsafeBufferPointer { bytes in
        guard let start = bytes.baseAddress else { return }
        print("blue is \(meanOfBlue(start, pixels.rows, pixels.columns, 3 * pixels.columns)) on average")
    }
}
