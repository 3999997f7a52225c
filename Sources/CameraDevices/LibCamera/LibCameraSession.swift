// SPDX-License-Identifier: MIT

internal import CLibCamera
internal import CameraCore
internal import Glibc
internal import SystemPackage

/// A camera that was found: the shim's session, which ends with the last reference.
final class LibCameraSession: @unchecked Sendable {
    // Unchecked: the pointer is constant, and the shim says which functions any thread may call.
    let shim: LibCameraShim
    let name: String
    private let handle: OpaquePointer

    /// Finds a camera; it is not held yet.
    ///
    /// - Throws: `.notFound`.
    init(_ shim: LibCameraShim, _ id: String) throws(CameraError) {
        guard let handle = shim.functions.open(id) else {
            throw CameraError(
                .notFound, "opening the camera", subject: id, reason: "it was unplugged a moment ago")
        }
        self.shim = shim
        self.name = "libcamera:\(id)"
        self.handle = handle
    }

    deinit {
        shim.functions.close(handle)
    }

    /// Holds the camera, alone of all programs; a negative error number when that fails.
    func acquire() -> Int32 { shim.functions.acquire(handle) }

    /// What libcamera makes of a wish.
    ///
    /// - Parameters:
    ///   - streams: The wish, and then what became of its streams.
    ///   - flips: Whether to exchange left and right, top and bottom.
    /// - Returns: How many streams there would be, and whether they would be flipped so.
    /// - Throws: libcamera's refusal of the whole.
    func propose(
        _ streams: inout [clc_stream], flips: (Bool, Bool)
    ) throws(CameraError) -> (count: Int, isFlipped: Bool) {
        var isFlipped = true
        let result = streams.withUnsafeMutableBufferPointer { streams in
            streams.baseAddress.map { shim.functions.propose(handle, $0, streams.count, flips.0, flips.1, &isFlipped) }
        }
        return (try checked(result ?? 0, "configuring the camera"), isFlipped)
    }

    /// Configures the camera as it was proposed last.
    func apply() throws(CameraError) { try checked(shim.functions.apply(handle), "configuring the camera") }

    /// The formats of a stream that was proposed last; those without a name here are left out.
    func formats(ofStream stream: Int) -> [LibCameraDescription.Format] {
        let formats: [LibCameraDescription.Format?] = shim.collect { context in
            shim.functions.formats(handle, stream, context) { context, format in
                LibCameraShim.append(LibCameraDescription.Format(format.pointee), to: context)
            }
        }
        return formats.compactMap(\.self)
    }

    /// Makes buffers and requests.
    ///
    /// - Parameter streamCount: How many streams the camera was configured to.
    /// - Returns: The buffers of each request, in the order of the streams.
    /// - Throws: `.device`.
    func prepare(streamCount: Int) throws(CameraError) -> [[LibCameraBuffer]] {
        let count = try checked(shim.functions.prepare(handle), "making the camera's buffers")
        var requests: [[LibCameraBuffer]] = []
        for request in 0..<count {
            var buffers: [LibCameraBuffer] = []
            for stream in 0..<streamCount {
                guard let memory = shim.functions.map(handle, stream, request) else {
                    throw CameraError(
                        .device, "mapping the camera's buffers", subject: name, systemError: Errno(rawValue: errno))
                }
                buffers.append(LibCameraBuffer(shim, memory))
            }
            requests.append(buffers)
        }
        return requests
    }

    func start(frameDuration: Duration?, _ listener: clc_listener) throws(CameraError) {
        let microseconds = (frameDuration?.nanoseconds ?? 0) / 1000
        try checked(shim.functions.start(handle, microseconds, listener), "starting the camera")
    }

    /// Hands a request to the camera; a negative error number when that fails.
    ///
    /// May be called from any thread.
    func queue(_ request: Int) -> Int32 { shim.functions.queue(handle, UInt32(clamping: request)) }

    /// Stops the camera and frees what ``prepare(streamCount:)`` made; mapped buffers stay.
    func stop() { _ = shim.functions.stop(handle) }

    /// Visits the controls that can be set.
    func controls<Element>(_ visit: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<clc_control>) -> Void)
        -> [Element]
    {
        shim.collect { shim.functions.controls(handle, $0, visit) }
    }

    /// Sets a control with the next request; a negative error number when that fails.
    ///
    /// May be called from any thread.
    func setControl(_ id: UInt32, _ numbers: [Double]) -> Int32 {
        shim.functions.set_control(handle, id, numbers, numbers.count)
    }

    @discardableResult
    private func checked(_ result: Int32, _ operation: String) throws(CameraError) -> Int {
        guard result >= 0 else { throw shim.failure(result, operation, subject: name) }
        return Int(result)
    }
}

/// A buffer of the camera in the program's memory, which stays as long as somebody keeps it.
final class LibCameraBuffer: @unchecked Sendable {
    // Unchecked: the memory is only read, and the pointer constant.
    private let shim: LibCameraShim
    private let memory: OpaquePointer

    init(_ shim: LibCameraShim, _ memory: OpaquePointer) {
        self.shim = shim
        self.memory = memory
    }

    deinit {
        shim.functions.free_memory(memory)
    }

    var planeCount: Int { shim.functions.plane_count(memory) }

    func plane(_ index: Int) -> clc_plane { shim.functions.plane(memory, index) }

    /// Makes what the device wrote visible.
    func beginReading() { shim.functions.begin_reading(memory) }

    func endReading() { shim.functions.end_reading(memory) }
}

extension LibCameraDescription.Format {
    fileprivate init?(_ format: clc_format) {
        let name = LibCameraFormat(code: format.code, modifier: format.modifier)
        guard let pixelFormat = name.pixelFormat else { return nil }
        self.pixelFormat = pixelFormat
        sizes = UnsafeBufferPointer(start: format.sizes, count: format.size_count).map(Resolution.init)
        smallest = Resolution(format.smallest)
        largest = Resolution(format.largest)
        step = format.step.width == 0 || format.step.height == 0 ? nil : Resolution(format.step)
    }

    /// Whether it has a size.
    func contains(_ size: Resolution) -> Bool {
        guard let step else { return sizes.isEmpty ? size == smallest : sizes.contains(size) }
        return size.width >= smallest.width && size.width <= largest.width && size.height >= smallest.height
            && size.height <= largest.height && (size.width - smallest.width) % step.width == 0
            && (size.height - smallest.height) % step.height == 0
    }
}

extension Resolution {
    init(_ size: clc_size) {
        self.init(Int(size.width), Int(size.height))
    }
}
