// SPDX-License-Identifier: MIT

internal import CLibCamera
internal import CameraCore

/// What a camera was set to.
struct LibCameraMode: Sendable {
    /// The wish, with the choices that were made for it.
    var configuration: LibCameraConfiguration
    /// The streams as users see them.
    let streams: [VideoStream]
    /// Bytes from one row to the next of each stream's first plane.
    let strides: [Int]
    /// The time from one frame to the next; nil when the camera does not let it be set.
    let frameDuration: Duration?
    /// The flips that the camera can do: left and right, top and bottom.
    let possibleFlips: (horizontal: Bool, vertical: Bool)

    /// Has libcamera propose what suits a wish, and configures the camera so.
    ///
    /// - Parameters:
    ///   - session: The camera, held.
    ///   - configuration: The wish.
    /// - Throws: `.invalidValue` or `.unsupported` that says what there is; nothing is changed then.
    init(_ session: LibCameraSession, _ configuration: LibCameraConfiguration) throws(CameraError) {
        let limit = LibCameraConfiguration.streamLimit
        guard (1...limit).contains(configuration.streams.count) else {
            throw CameraError(
                .invalidValue, Self.operation, subject: session.name, reason: "it takes 1 to \(limit) streams")
        }
        for stream in configuration.streams { try stream.resolution?.validated(Self.operation) }
        guard configuration.rotation == 0 || configuration.rotation == 180 else {
            throw CameraError(
                .invalidValue, "turning the picture", subject: session.name, reason: "it turns by 0 or 180 degrees")
        }
        let isTurned = configuration.rotation == 180
        let flips = (configuration.flipsHorizontally != isTurned, configuration.flipsVertically != isTurned)
        var proposal = configuration.streams.map { Self.wish($0, bufferCount: configuration.bufferCount) }
        // First with libcamera's own formats, which tells what formats there are.
        try Self.propose(&proposal, session, flips)
        for (index, stream) in configuration.streams.enumerated() {
            proposal[index] = Self.wish(stream, bufferCount: configuration.bufferCount)
            let formats = session.formats(ofStream: index)
            guard let format = try Self.choice(for: stream, among: formats, session) else { continue }
            proposal[index].code = format.code
            proposal[index].modifier = format.modifier
        }
        var trial = proposal
        let isHorizontal = try Self.propose(&trial, session, (true, false))
        trial = proposal
        possibleFlips = (isHorizontal, try Self.propose(&trial, session, (false, true)))
        let isFlipped = try Self.propose(&proposal, session, flips)
        for (index, wish) in configuration.streams.enumerated() {
            try Self.check(proposal[index], fulfills: wish, session, index)
        }
        guard isFlipped else {
            throw CameraError(
                .unsupported, "flipping the picture", subject: session.name, reason: "the camera cannot do it")
        }
        let rate = try Self.rate(configuration.frameRate, of: session)
        try session.apply()
        self.configuration = configuration
        frameDuration = rate.isSettable ? rate.frameRate.interval : nil
        strides = proposal.map { Int($0.stride) }
        streams = proposal.map { stream in
            let format = LibCameraFormat(code: stream.code, modifier: stream.modifier).pixelFormat
            let known = format ?? PixelFormat(rawValue: stream.code)
            return VideoStream(
                format: known, size: Resolution(stream.size), frameRate: rate.frameRate,
                color: ColorSpace(stream, of: known))
        }
    }

    private static let operation = "configuring the camera"

    private static func wish(_ stream: LibCameraConfiguration.Stream, bufferCount: Int) -> clc_stream {
        var wish = clc_stream()
        wish.role =
            switch stream.role {
            case .video: CLC_ROLE_VIDEO
            case .viewfinder: CLC_ROLE_VIEWFINDER
            case .still: CLC_ROLE_STILL
            case .raw: CLC_ROLE_RAW
            }
        wish.buffer_count = UInt32(clamping: bufferCount)
        if let size = stream.resolution {
            wish.size = clc_size(width: UInt32(clamping: size.width), height: UInt32(clamping: size.height))
        }
        return wish
    }

    @discardableResult
    private static func propose(
        _ streams: inout [clc_stream], _ session: LibCameraSession, _ flips: (Bool, Bool)
    ) throws(CameraError) -> Bool {
        let (count, isFlipped) = try session.propose(&streams, flips: flips)
        guard count >= streams.count else {
            let reason =
                count == 0
                ? "it has no such stream, or not these together"
                : "it has only \(count == 1 ? "1 stream" : "\(count) streams") at a time, not \(streams.count)"
            throw CameraError(.unsupported, operation, subject: session.name, reason: reason)
        }
        return isFlipped
    }

    /// The format to ask for; nil to leave it to libcamera.
    private static func choice(
        for stream: LibCameraConfiguration.Stream, among formats: [LibCameraDescription.Format],
        _ session: LibCameraSession
    ) throws(CameraError) -> LibCameraFormat? {
        let present = Set(formats.map(\.pixelFormat))
        if let wanted = stream.pixelFormat {
            guard present.contains(wanted) else {
                let names = formats.map(\.pixelFormat.name).joined(separator: ", ")
                throw CameraError(
                    .unsupported, operation, subject: session.name,
                    reason: "it has no format \(wanted.name); it has \(names)")
            }
            return LibCameraFormat(wanted)
        }
        if stream.role == .raw { return nil }
        return V4L2ModeSearch.preference.first(where: present.contains).map(LibCameraFormat.init)
    }

    private static func check(
        _ stream: clc_stream, fulfills wish: LibCameraConfiguration.Stream, _ session: LibCameraSession, _ index: Int
    ) throws(CameraError) {
        let size = Resolution(stream.size)
        let format = LibCameraFormat(code: stream.code, modifier: stream.modifier).pixelFormat
        let fitsFormat = wish.pixelFormat == nil || wish.pixelFormat == format
        guard !fitsFormat || size != wish.resolution ?? size else { return }
        let made = "\(format?.name ?? "a format without a name") at \(size)"
        let asked = [wish.pixelFormat?.name, wish.resolution?.description].compactMap(\.self).joined(separator: " at ")
        let sizes = session.formats(ofStream: index).first { $0.pixelFormat == format && $0.step == nil }?.sizes ?? []
        let others = Resolution.listing(of: Set(sizes), near: wish.resolution ?? size)
        let list = sizes.isEmpty ? "" : ", or one of \(others)"
        throw CameraError(
            .unsupported, operation, subject: session.name,
            reason: "of \(asked) it makes \(made); ask for that\(list)")
    }

    /// The rate to run at, and whether the camera lets it be set.
    private static func rate(
        _ wish: FrameRate?, of session: LibCameraSession
    ) throws(CameraError) -> (frameRate: FrameRate, isSettable: Bool) {
        try wish?.validated(operation)
        // The rate of video where nothing else is said.
        let usual: FrameRate = 30
        guard let limits = session.limitsOfFrameDuration else {
            guard let wish, wish != usual else { return (usual, false) }
            throw CameraError(
                .unsupported, operation, subject: session.name, reason: "its frame rate cannot be set; leave it out")
        }
        let duration = (wish ?? usual).interval
        // Rates may differ by one part in a hundred, as the clocks of cameras do.
        let slack = duration / 100
        if limits.lowerBound - slack <= duration, duration <= limits.upperBound + slack { return (wish ?? usual, true) }
        let fastest = FrameRate(1 / max(limits.lowerBound.inSeconds, 0.001))
        let slowest = FrameRate(1 / max(limits.upperBound.inSeconds, 0.001))
        guard wish != nil else { return (duration < limits.lowerBound ? fastest : slowest, true) }
        throw CameraError(
            .unsupported, operation, subject: session.name,
            reason: "it makes \(rounded(slowest)) to \(rounded(fastest)) frames per second")
    }
}

/// A rate in hundredths, for messages.
private func rounded(_ rate: FrameRate) -> Double { (rate.framesPerSecond * 100).rounded() / 100 }

extension LibCameraSession {
    /// The shortest and the longest time from one frame to the next; nil when that cannot be set.
    var limitsOfFrameDuration: ClosedRange<Duration>? {
        let found: [(Double, Double)] = controls { context, control in
            let control = control.pointee
            guard String(cString: control.name) == "FrameDurationLimits", control.minimum.count > 0,
                control.maximum.count > 0
            else { return }
            LibCameraShim.append((control.minimum.numbers.0, control.maximum.numbers.0), to: context)
        }
        guard let (low, high) = found.first, low > 0, high >= low, high < 1e15 else { return nil }
        return .microseconds(Int64(low))...(.microseconds(Int64(high)))
    }
}
