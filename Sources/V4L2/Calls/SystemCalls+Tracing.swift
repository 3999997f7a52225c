// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc
internal import Synchronization
internal import SystemPackage

extension SystemCalls {
    /// What devices that are opened from now on work with: the kernel's calls, traced while ``trace(to:)`` says so.
    package static var current: SystemCalls { tracing.withLock { $0?.calls } ?? .linux }

    /// Traces the calls of all devices that are opened from now on, or of none.
    ///
    /// - Parameter trace: Where to; nil to end.
    /// - Returns: The trace before it, which the caller closes.
    package static func trace(to trace: CallTrace?) -> CallTrace? {
        let calls = trace.map { SystemCalls.linux.traced(by: $0) }
        return tracing.withLock { tracing in
            defer { tracing = trace.flatMap { trace in calls.map { (trace, $0) } } }
            return tracing?.trace
        }
    }

    private static let tracing = Mutex<(trace: CallTrace, calls: SystemCalls)?>(nil)

    /// The same calls, each noted in a trace.
    ///
    /// Those on files that are not devices, and those that wake a waiting thread, are not.
    package func traced(by trace: CallTrace) -> SystemCalls {
        var calls = self
        calls.open = { path in
            let begin = Timestamp.now
            let result = open(path)
            trace.note(since: begin, "open(\"\(path)\") = \(Self.text(result))")
            return result
        }
        calls.close = { descriptor in
            let begin = Timestamp.now
            close(descriptor)
            trace.note(since: begin, "close(\(descriptor))")
        }
        calls.ioctl = { descriptor, request, argument in
            let question = CallDescription.question(request, argument)
            let begin = Timestamp.now
            let failure = ioctl(descriptor, request, argument)
            let answer = failure.map(Self.text) ?? "0"
            let details = failure == nil ? CallDescription.answer(request, argument) : ""
            trace.note(
                since: begin,
                "\(CallDescription.name(of: request))(\(descriptor)\(question.isEmpty ? "" : ", ")\(question)) = \(answer)"
                    + (details.isEmpty || details == question ? "" : ": \(details)"))
            return failure
        }
        calls.map = { descriptor, offset, byteCount in
            let begin = Timestamp.now
            let result = map(descriptor, offset, byteCount)
            let answer =
                switch result {
                case .success: "0"
                case .failure(let failure): Self.text(failure)
                }
            trace.note(
                since: begin, "mmap(\(descriptor), offset 0x\(CallDescription.hex(offset)), \(byteCount)) = \(answer)")
            return result
        }
        calls.unmap = { mapping in
            let begin = Timestamp.now
            unmap(mapping)
            trace.note(since: begin, "munmap(\(mapping.byteCount))")
        }
        calls.poll = { entries, milliseconds in
            let wanted = entries.map { "\($0.fd) 0x\(CallDescription.hex($0.events))" }.joined(separator: ", ")
            let begin = Timestamp.now
            let failure = poll(entries, milliseconds)
            let found = entries.filter { $0.revents != 0 }
                .map { "\($0.fd) 0x\(CallDescription.hex($0.revents))" }.joined(separator: ", ")
            trace.note(
                since: begin,
                "poll(\(wanted), \(milliseconds) ms) = " + (failure.map(Self.text) ?? (found.isEmpty ? "none" : found)))
            return failure
        }
        calls.makeCounter = {
            let begin = Timestamp.now
            let result = makeCounter()
            trace.note(since: begin, "eventfd() = \(Self.text(result))")
            return result
        }
        return calls
    }

    private static func text(_ result: Result<Int32, Errno>) -> String {
        switch result {
        case .success(let descriptor): "\(descriptor)"
        case .failure(let failure): text(failure)
        }
    }

    private static func text(_ failure: Errno) -> String { "errno \(failure.rawValue) (\(failure))" }
}
