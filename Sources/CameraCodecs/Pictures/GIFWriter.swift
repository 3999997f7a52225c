// SPDX-License-Identifier: MIT

#if Pictures
internal import CGIF
internal import CameraCore
internal import Synchronization

/// GIF pictures of 256 colours, by giflib; the colours are chosen for each picture.
enum GIFWriter {
    static let codec = CodecDescription(
        .gif, name: "giflib", version: "\(GIFLIB_MAJOR).\(GIFLIB_MINOR).\(GIFLIB_RELEASE)", license: "MIT",
        inputFormats: [.rgb24], maker: picture)

    @Sendable private static func picture(_ frame: Frame, from pool: BytePool) throws(CameraError) -> PacketBytes {
        let file = try GIFFile(IndexedPicture(frame))
        let block = try pool.block(file.bytes.count, "encoding GIF")
        file.bytes.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { block.baseAddress.copyMemory(from: start, byteCount: bytes.count) }
        }
        return PacketBytes(block, count: file.bytes.count)
    }
}

/// A picture whose pixels are numbers of 256 colours.
private struct IndexedPicture {
    let size: Resolution
    var pixels: [UInt8]
    var colors: [GifColorType]

    /// giflib keeps the axis that it sorts by in a variable of the whole program.
    private static let quantizer = Mutex(())

    /// Chooses the colours of a frame of R, G and B.
    init(_ frame: Frame) throws(CameraError) {
        size = frame.size
        let count = size.pixelCount
        var (red, green, blue) = ([UInt8](), [UInt8](), [UInt8]())
        for index in 0..<3 {
            let channel = Self.channel(index, of: frame)
            switch index {
            case 0: red = channel
            case 1: green = channel
            default: blue = channel
            }
        }
        pixels = [UInt8](repeating: 0, count: count)
        colors = [GifColorType](repeating: GifColorType(), count: 256)
        var colorCount: Int32 = 256
        let status = Self.quantizer.withLock { _ in
            GifQuantizeBuffer(
                UInt32(size.width), UInt32(size.height), &colorCount, &red, &green, &blue, &pixels, &colors)
        }
        guard status == GIF_OK else {
            throw CameraError(.codec, "encoding GIF", reason: "giflib has no memory for choosing the colours")
        }
        useMeans(red, green, blue)
    }

    /// Makes each colour the mean of its pixels; giflib's are made of the upper five bits, and so too dark.
    private mutating func useMeans(_ red: [UInt8], _ green: [UInt8], _ blue: [UInt8]) {
        var sums = [SIMD4<Int>](repeating: .zero, count: 256)
        for (index, color) in pixels.enumerated() {
            sums[Int(color)] &+= SIMD4(Int(red[index]), Int(green[index]), Int(blue[index]), 1)
        }
        for (color, sum) in sums.enumerated() where sum.w > 0 {
            let mean = (sum &+ sum.w / 2) / sum.w
            colors[color] = GifColorType(Red: UInt8(mean.x), Green: UInt8(mean.y), Blue: UInt8(mean.z))
        }
    }

    private static func channel(_ index: Int, of frame: Frame) -> [UInt8] {
        withExtendedLifetime(frame) {
            let plane = frame.plane(0)
            let width = frame.size.width
            return [UInt8](unsafeUninitializedCapacity: frame.size.pixelCount) { samples, count in
                var target = 0
                for row in 0..<frame.size.height {
                    let source = (plane.baseAddress + row * plane.stride + index).assumingMemoryBound(to: UInt8.self)
                    for column in 0..<width { samples[target + column] = source[3 * column] }
                    target += width
                }
                count = target
            }
        }
    }
}

/// The bytes of a GIF file with one picture.
private final class GIFFile {
    private(set) var bytes: [UInt8] = []

    /// Writes the file through giflib.
    init(_ picture: IndexedPicture) throws(CameraError) {
        var error: Int32 = 0
        let context = Unmanaged.passUnretained(self).toOpaque()
        let file = EGifOpen(
            context,
            { file, bytes, count in
                guard let file, let bytes, let context = file.pointee.UserData else { return 0 }
                let target = Unmanaged<GIFFile>.fromOpaque(context).takeUnretainedValue()
                target.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(count)))
                return count
            }, &error)
        guard let file else { throw Self.failure(error) }
        var isComplete = Self.write(picture, to: file)
        if !isComplete { error = file.pointee.Error }
        // The end of the file is written then.
        var closingError: Int32 = 0
        if EGifCloseFile(file, &closingError) != GIF_OK {
            if isComplete { error = closingError }
            isComplete = false
        }
        guard isComplete else { throw Self.failure(error) }
    }

    private static func write(_ picture: IndexedPicture, to file: UnsafeMutablePointer<GifFileType>) -> Bool {
        guard let map = GifMakeMapObject(256, picture.colors) else { return false }
        defer { GifFreeMapObject(map) }
        let (width, height) = (Int32(picture.size.width), Int32(picture.size.height))
        guard EGifPutScreenDesc(file, width, height, 8, 0, map) == GIF_OK,
            EGifPutImageDesc(file, 0, 0, width, height, false, nil) == GIF_OK
        else { return false }
        var pixels = picture.pixels
        return pixels.withUnsafeMutableBufferPointer { pixels in
            guard let start = pixels.baseAddress else { return false }
            // Rows one after the other: giflib counts the pixels of a call in 32 bits.
            return (0..<picture.size.height).allSatisfy { row in
                EGifPutLine(file, start + row * picture.size.width, width) == GIF_OK
            }
        }
    }

    private static func failure(_ code: Int32) -> CameraError {
        let text = GifErrorString(code).map { String(cString: $0) } ?? "giflib failed"
        return CameraError(.codec, "encoding GIF", reason: text)
    }
}
#endif
