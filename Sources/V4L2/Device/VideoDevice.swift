// SPDX-License-Identifier: MIT

internal import CV4L2
internal import Synchronization
internal import SystemPackage

/// A video device of the kernel, open for reading and writing without blocking.
///
/// Safe to use from any thread. Calls after ``close()`` fail with EBADF.
package final class VideoDevice: Sendable {
    /// Where the device's node is: "/dev/video0".
    package let path: String
    /// What it is and can do.
    package let capabilities: Capabilities
    /// How it is reached.
    package var systemCalls: SystemCalls { calls }
    let calls: SystemCalls
    private let descriptor: Mutex<Descriptor?>

    /// The open file.
    ///
    /// Each call holds a reference, so its number is not given to another file while a call uses it.
    private final class Descriptor: Sendable {
        let number: Int32
        private let calls: SystemCalls

        init(number: Int32, calls: SystemCalls) {
            self.number = number
            self.calls = calls
        }

        deinit {
            calls.close(number)
        }
    }

    /// Opens a device.
    package init(_ path: String, calls: SystemCalls = .current) throws(DeviceError) {
        let number = try retrying("open", path) { calls.open(path) }
        let descriptor = Descriptor(number: number, calls: calls)
        var capability = v4l2_capability()
        try Self.perform(.queryCapabilities, &capability, on: descriptor.number, path, calls)
        self.path = path
        self.calls = calls
        self.capabilities = Capabilities(capability)
        self.descriptor = Mutex(descriptor)
    }

    /// Gives the device back, as soon as the calls under way have ended.
    ///
    /// Mappings of its memory stay valid.
    package func close() {
        // The reference that is taken out goes after the lock, and closes the file then.
        _ = descriptor.withLock { $0.take() }
    }

    /// Makes an ioctl, again after signals.
    func perform<Argument>(_ request: Request<Argument>, _ argument: inout Argument) throws(DeviceError) {
        try withDescriptor(request.name) { number throws(DeviceError) in
            try Self.perform(request, &argument, on: number, path, calls)
        }
    }

    /// Makes an ioctl that walks through a list; false at the list's end, or where the driver has no such list.
    func performIfMore<Argument>(_ request: Request<Argument>, _ argument: inout Argument) throws(DeviceError) -> Bool {
        do throws(DeviceError) {
            try perform(request, &argument)
            return true
        } catch {
            guard error.errno == .invalidArgument || error.errno == .inappropriateIOCTLForDevice else { throw error }
            return false
        }
    }

    /// Maps a part of the driver's memory.
    ///
    /// - Parameters:
    ///   - offset: What the driver calls the part.
    ///   - byteCount: How long it is.
    ///   - descriptor: The same memory as a dma-buf, which is closed with the mapping, or when this fails.
    /// - Returns: The mapping.
    /// - Throws: mmap's error.
    func map(offset: Int, byteCount: Int, descriptor: Int32?) throws(DeviceError) -> MappedMemory {
        do throws(DeviceError) {
            let mapping = try withDescriptor("mmap") { number throws(DeviceError) in
                try retrying("mmap", path) { calls.map(number, offset, byteCount) }
            }
            return MappedMemory(mapping, descriptor: descriptor, calls: calls)
        } catch {
            if let descriptor { calls.close(descriptor) }
            throw error
        }
    }

    /// Lends the file's number for the time of a call.
    func withDescriptor<Value>(
        _ call: String, _ body: (Int32) throws(DeviceError) -> Value
    ) throws(DeviceError) -> Value {
        guard let descriptor = descriptor.withLock({ $0 }) else {
            throw DeviceError(call, device: path, .badFileDescriptor)
        }
        defer { withExtendedLifetime(descriptor) {} }
        return try body(descriptor.number)
    }

    private static func perform<Argument>(
        _ request: Request<Argument>, _ argument: inout Argument, on number: Int32, _ path: String, _ calls: SystemCalls
    ) throws(DeviceError) {
        try withUnsafeMutablePointer(to: &argument) { pointer throws(DeviceError) in
            try retrying(request.name, path) {
                calls.ioctl(number, request.code, pointer).map { .failure($0) } ?? .success(())
            }
        }
    }
}

/// Makes a system call until no signal interrupts it.
private func retrying<Value>(
    _ call: String, _ device: String, _ body: () -> Result<Value, Errno>
) throws(DeviceError) -> Value {
    while true {
        switch body() {
        case .success(let value): return value
        case .failure(.interrupted): continue
        case .failure(let errno): throw DeviceError(call, device: device, errno)
        }
    }
}
