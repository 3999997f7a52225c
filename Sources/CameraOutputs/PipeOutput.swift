// SPDX-License-Identifier: MIT

public import CameraCore
internal import Glibc
internal import Synchronization

/// An open file descriptor: standard output, a pipe, a socket, a terminal.
///
/// Each picture is one write(2) call where the kernel takes it whole, and nothing is kept back. A reader that went away
/// is an error, not a signal: the program's signal dispositions are neither needed nor changed. Safe to use from any
/// thread; ``close()`` does not wait for a write that is stuck.
public final class PipeOutput: Output, CustomStringConvertible {
    private let descriptor: OutputDescriptor
    private let number: Int32
    private let claim = Mutex<FileClaim?>(nil)

    /// Makes an output of a file descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor, open for writing; blocking or not.
    ///   - closesDescriptor: Whether ``close()``, or the last reference to the output, closes the descriptor.
    ///   - name: The output's name in messages; nil for "descriptor N".
    public init(descriptor: Int32, closesDescriptor: Bool = false, name: String? = nil) {
        number = descriptor
        self.descriptor = OutputDescriptor(
            descriptor, name: name ?? "descriptor \(descriptor)", isOwned: closesDescriptor)
    }

    deinit {
        // Whoever drops an output without closing it gives up the error; ``close()`` throws it.
        try? descriptor.close()
    }

    /// An output to the program's standard output, which stays open.
    public static func standardOutput() -> PipeOutput {
        PipeOutput(descriptor: STDOUT_FILENO, name: "standard output")
    }

    /// The output's name in messages.
    public var description: String { descriptor.name }

    /// The number of bytes that the kernel has taken.
    public var bytesWritten: Int { descriptor.bytesWritten }

    /// Claims the file, if the descriptor leads to a regular one.
    ///
    /// - Throws: `.busy` when this program plays the file back, since it would read what it writes without end.
    public func begin(_ stream: StreamDescription) throws(CameraError) {
        guard let file = FileIdentity(descriptor: number), claim.withLock({ $0?.file != file }) else { return }
        let new = try FileClaim(file, for: .appending, "writing to the output", path: descriptor.name)
        claim.withLock { $0 = new }
    }

    /// Writes one picture.
    ///
    /// - Throws: `.output` with the system's error, EPIPE when the reader has gone; `.closed`.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        try descriptor.write(bytes)
    }

    /// Refuses further writing, and closes the descriptor if the output was made with `closesDescriptor`.
    public func close() throws(CameraError) {
        claim.withLock { $0 = nil }
        try descriptor.close()
    }
}
