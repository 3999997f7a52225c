// SPDX-License-Identifier: MIT

package import CameraCore
package import V4L2

/// What an encoder and its user agreed on before buffers are made.
package struct EncoderFormats {
    /// The type of the OUTPUT queue.
    package let rawType: BufferType
    /// The type of the CAPTURE queue.
    package let codedType: BufferType
    /// The raw frames, as large as the encoder needs them.
    package var raw: ImageFormat
    /// The coded pictures.
    package var coded: ImageFormat
    /// The rate that the encoder takes the raw frames at; nil when it has no say in that.
    package var rawRate: FrameRate?
    /// The rate of the coded stream, where the encoder lets it differ from that of the raw frames.
    package var codedRate: FrameRate?
    /// Raw buffers to ask for.
    package var rawBufferCount: Int
    /// Coded buffers to ask for.
    package var codedBufferCount: Int
}

/// What is to be agreed on.
package struct EncoderWish {
    /// The format of the coded pictures.
    package var coded: PixelFormat
    /// The driver's format for the raw frames.
    package var raw: PixelFormat
    /// The size of the visible pictures.
    package var size: Resolution
    /// The nominal rate.
    package var frameRate: FrameRate
    /// What the raw frames' numbers mean.
    package var color: ColorSpace
    /// Bytes that a coded picture may need; 0 for the driver's choice.
    package var codedByteCount = 0

    /// Describes the wish.
    package init(
        coded: PixelFormat, raw: PixelFormat, size: Resolution, frameRate: FrameRate, color: ColorSpace = .unspecified,
        codedByteCount: Int = 0
    ) {
        self.coded = coded
        self.raw = raw
        self.size = size
        self.frameRate = frameRate
        self.color = color
        self.codedByteCount = codedByteCount
    }
}

extension StatefulEncoder {
    /// Raw buffers beyond those that the driver cannot do without: one to fill, one on its way, one to come back.
    private static let extraRawBuffers = 3
    /// Coded buffers: one to fill, one to take, and some for a driver that gives several at once.
    private static let codedBuffers = 6
    /// Rows and columns that a driver may add to a picture; what adds more is not made for pictures so small.
    private static let largestPadding = 63

    /// Sets formats, rates and the visible rectangle in the document's order, and checks what the driver made of each.
    ///
    /// The CAPTURE queue comes first, since it governs the other. No buffers may be allocated.
    ///
    /// - Parameter wish: What to ask for.
    /// - Returns: What the driver agreed to, for ``allocate(_:_:)``.
    /// - Throws: `.unsupported` that names what the encoder cannot do; the driver's errors.
    package func negotiate(_ wish: EncoderWish) throws -> EncoderFormats {
        let (rawType, codedType) = device.encoderTypes
        let codedWish = ImageFormat(wish.coded, wish.size, byteCount: wish.codedByteCount)
        var coded = try device.setFormat(codedWish, of: codedType)
        try check(coded.pixelFormat == wish.coded, "of the coded format \(wish.coded) it makes \(coded.pixelFormat)")
        let rawWish = ImageFormat(wish.raw, wish.size, color: wish.color)
        let raw = try device.setFormat(rawWish, of: rawType)
        try check(raw.pixelFormat == wish.raw, "of raw frames in \(wish.raw) it makes \(raw.pixelFormat)")
        try checkSize(raw.size, for: wish)
        // The driver chooses the coded size, and often the bytes, by the raw format.
        coded = try device.format(of: codedType)
        if coded.byteCount < wish.codedByteCount {
            coded = try device.setFormat(codedWish, of: codedType)
            let unchanged = try device.format(of: rawType)
            try check(
                unchanged.pixelFormat == raw.pixelFormat && unchanged.size == raw.size,
                "larger buffers change the raw format to \(unchanged.pixelFormat) at \(unchanged.size)")
        }
        try check(coded.pixelFormat == wish.coded, "raw frames in \(wish.raw) become \(coded.pixelFormat)")
        let rawRate = try device.setFrameRate(wish.frameRate, of: rawType)
        let hasOwnRate = try device.formats(of: codedType).contains {
            $0.pixelFormat == wish.coded && $0.flags.contains(.hasOwnInterval)
        }
        let codedRate = hasOwnRate ? try device.setFrameRate(wish.frameRate, of: codedType) : nil
        if raw.size != wish.size {
            let visible = PictureArea(size: wish.size)
            let made = try device.setSelection(visible, as: .crop, of: rawType)
            try check(
                made == visible,
                "it needs frames of \(raw.size) for pictures of \(wish.size), and makes \(made?.size ?? raw.size) visible"
            )
        }
        return EncoderFormats(
            rawType: rawType, codedType: codedType, raw: raw, coded: coded, rawRate: rawRate, codedRate: codedRate,
            rawBufferCount: try leastRawBuffers() + Self.extraRawBuffers, codedBufferCount: Self.codedBuffers)
    }

    /// The raw buffers that the encoder cannot do without.
    private func leastRawBuffers() throws -> Int {
        let control = try device.controls().first { $0.identifier == EncoderControl.minimumRawBuffers }
        guard let control else { return 1 }
        return Int(clamping: min(max(try device.value(of: control), 1), 32))
    }

    private func checkSize(_ size: Resolution, for wish: EncoderWish) throws(CameraError) {
        let (across, down) = (size.width - wish.size.width, size.height - wish.size.height)
        try check(
            (0...Self.largestPadding).contains(across) && (0...Self.largestPadding).contains(down),
            "of frames of \(wish.size) it makes \(size)")
    }

    private func check(_ isFine: Bool, _ reason: String) throws(CameraError) {
        guard isFine else {
            throw CameraError(.unsupported, "setting up the encoder", subject: device.path, reason: reason)
        }
    }
}

extension VideoDevice {
    /// The types of an encoder's raw and coded queue.
    package var encoderTypes: (raw: BufferType, coded: BufferType) {
        capabilities.flags.contains(.memoryToMemoryPlanes)
            ? (.videoOutputPlanes, .videoCapturePlanes) : (.videoOutput, .videoCapture)
    }

    /// The driver's formats for raw frames, for a coded format, by the layout that a ``Frame`` has.
    ///
    /// Sets the coded format, which governs the raw ones. Of two formats for a layout the one with a memory of its own for
    /// all planes is taken, which a camera's frames can be imported into.
    package func rawFormats(for coded: PixelFormat) throws(DeviceError) -> [(layout: PixelFormat, driver: PixelFormat)]
    {
        let (raw, codedType) = encoderTypes
        _ = try setFormat(ImageFormat(coded, .hd720p), of: codedType)
        let offered = try formats(of: raw).map(\.pixelFormat)
        var found: [(layout: PixelFormat, driver: PixelFormat)] = []
        for layout in PixelFormat.known where !layout.isCompressed && layout.bayer == nil {
            if let format = [layout, layout.inOwnMemories].compactMap(\.self).first(where: offered.contains) {
                found.append((layout, format))
            }
        }
        return found
    }
}
