// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// Finds the format of a camera that suits a wish.
struct V4L2ModeSearch {
    private let device: VideoDevice
    private let offers: [Offer]

    private struct Offer {
        let pixelFormat: PixelFormat
        let sizes: FrameSizes
        /// Whether it is taken without being asked for.
        let isAutomatic: Bool
    }

    /// The formats that frames can have, the best first.
    ///
    /// First come those that encoders take as they are, then those that are cheap to convert; a compressed picture must
    /// be decoded, and a grey one has lost its colours. ``DeepGrey`` and ``ExoticFormat`` have the formats that come
    /// after these; Bayer formats come last.
    static let preference: [PixelFormat] = [
        .nv12, .yuv420, .yuyv, .uyvy, .nv21, .yuv422, .rgb24, .bgr24, .bgra, .rgba, .mjpeg, .grey,
    ]

    /// The formats that are taken only when they are asked for, since they can be recorded and nothing else.
    ///
    /// So are those of ``PixelFormat/bayerFormats`` with more than 8 bits: sensors behind an image processor not in use.
    static let onDemand: [PixelFormat] = [.h264, .h265]

    /// Reads what a camera has.
    ///
    /// - Throws: `.unsupported` when it has no format that frames can have.
    init(_ device: VideoDevice) throws {
        let present = try device.formats(of: device.captureType).map(\.pixelFormat)
        var usable: [(format: PixelFormat, isAutomatic: Bool)] = (Self.preference + Self.onDemand).flatMap { format in
            present.filter { $0.inOneMemory == format }.map { ($0, !Self.onDemand.contains(format)) }
        }
        usable += DeepGrey.all.map(\.pixelFormat).filter(present.contains).map { ($0, true) }
        usable += ExoticFormat.all.filter { present.contains($0.pixelFormat) }.map { ($0.pixelFormat, true) }
        usable += PixelFormat.bayerFormats.filter(present.contains).map { ($0, $0.bayer?.bits == 8) }
        offers = try usable.map {
            Offer(pixelFormat: $0.format, sizes: try device.frameSizes(of: $0.format), isAutomatic: $0.isAutomatic)
        }
        self.device = device
        guard !offers.isEmpty else {
            let names = Set(present.map(\.description)).sorted().joined(separator: ", ")
            throw CameraError(
                .unsupported, "looking for a format", subject: device.path,
                reason: names.isEmpty
                    ? "it has none now; a loopback device needs a program that plays into it first"
                    : "it has only \(names)")
        }
    }

    /// The layouts that frames of this camera can have.
    var frameFormats: [PixelFormat] { offers.map { $0.pixelFormat.frameFormat ?? $0.pixelFormat } }

    /// The rate of a camera that was asked for none: formats, sizes and rates belong to the device, and an earlier
    /// program may have left any.
    private static let usualRate: FrameRate = 30

    /// Sets the camera to what suits a wish best.
    ///
    /// - Parameters:
    ///   - request: The wish; without a rate it is for 30 frames per second.
    ///   - present: What the camera was set to here, whose size stays where the wish has none; nil at first, when the
    ///     size becomes that of the signal, or else 1280x720, or the nearest that there is.
    /// - Returns: What the driver made of it.
    /// - Throws: `.invalidValue` or `.unsupported` that says what there is.
    func setMode(_ request: SourceConfiguration, present: V4L2Mode?) throws -> V4L2Mode {
        let candidates = try candidates(for: request)
        let frameRate = try request.frameRate?.validated("configuring the camera") ?? Self.usualRate
        let preferred = try request.resolution ?? present?.image.size ?? usualSize()
        var best: (offer: Offer, size: Resolution, fastest: Double, frameRate: FrameRate)?
        for offer in candidates {
            let size = try request.resolution ?? size(of: offer, nearest: preferred)
            guard offer.sizes.contains(size) else { continue }
            let rates = try device.frameRates(of: offer.pixelFormat, at: size)
            // What is not known may be reached; 29.97 will do for 30.
            let fastest = rates.fastest?.framesPerSecond ?? .infinity
            let reached = rates.nearest(to: frameRate)
            if fastest >= frameRate.framesPerSecond * 0.99 {
                return try device.setMode(offer.pixelFormat, size, reached)
            }
            if fastest > best?.fastest ?? 0 { best = (offer, size, fastest, reached) }
        }
        guard let best else {
            let sizes = sizes(of: candidates, near: preferred)
            throw CameraError(
                .unsupported, "configuring the camera", subject: device.path,
                reason: "it has no size \(request.resolution.map(\.description) ?? ""); it has \(sizes)")
        }
        return try device.setMode(best.offer.pixelFormat, best.size, best.frameRate)
    }

    /// The formats that a wish allows.
    private func candidates(for request: SourceConfiguration) throws(CameraError) -> [Offer] {
        guard request.sensorMode ?? 0 == 0 else {
            throw CameraError(
                .invalidValue, "configuring the camera", subject: device.path,
                reason: "a V4L2 camera has no sensor modes but 0; choose a resolution and a frame rate")
        }
        try request.resolution?.validated("configuring the camera")
        guard let pixelFormat = request.pixelFormat else {
            let automatic = offers.filter(\.isAutomatic)
            guard !automatic.isEmpty else {
                throw CameraError(
                    .unsupported, "configuring the camera", subject: device.path,
                    reason:
                        "it has only what cannot be shown as it is (H.264 and H.265, which are recorded as they "
                        + "come, or raw sensor data, which no automatics have brightened and coloured); "
                        + "to have that all the same, ask for one of \(names(of: offers))")
            }
            return automatic
        }
        let allowed = offers.filter { $0.pixelFormat == pixelFormat || $0.pixelFormat.inOneMemory == pixelFormat }
        guard !allowed.isEmpty else {
            throw CameraError(
                .unsupported, "configuring the camera", subject: device.path,
                reason: "it has no format \(pixelFormat.name); it has \(names(of: offers))")
        }
        return allowed
    }

    /// The size of a camera that was asked for none: that of its signal, or else 720p.
    private func usualSize() throws -> Resolution {
        guard let input = try device.input() else { return .hd720p }
        if input.hasTimings, let timings = try device.timings() { return timings.size }
        guard input.standards != 0, let bits = try device.standard() else { return .hd720p }
        let standard = try device.standards().first { $0.bits & bits != 0 }
        let lineCount = standard?.lineCount ?? 525
        // Of 525 lines 480 are a picture's, of 625 they are 576 (ITU-R BT.601-7).
        return Resolution(720, lineCount > 525 ? 576 : 480)
    }

    /// A size that a format has.
    private func size(of offer: Offer, nearest size: Resolution) throws -> Resolution {
        // A driver that tells no sizes may have no other than the present one.
        if case .unknown = offer.sizes { return try device.format(of: device.captureType).size }
        return offer.sizes.nearest(to: size)
    }

    private func names(of offers: [Offer]) -> String {
        offers.map(\.pixelFormat.inOneMemory.name).joined(separator: ", ")
    }

    /// The sizes of some formats, each once, the smallest first; of many, those nearest to a size.
    private func sizes(of offers: [Offer], near size: Resolution) -> String {
        var ranges: Set<String> = []
        var sizes: Set<Resolution> = []
        for offer in offers {
            switch offer.sizes {
            case .unknown: break
            case .discrete(let some): sizes.formUnion(some)
            case .stepwise(let smallest, let largest, let step):
                ranges.insert("\(smallest) to \(largest) in steps of \(step)")
            }
        }
        return (ranges.sorted() + [Resolution.listing(of: sizes, near: size)]).filter { !$0.isEmpty }
            .joined(separator: "; ")
    }
}
