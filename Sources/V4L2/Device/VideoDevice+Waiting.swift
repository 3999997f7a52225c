// SPDX-License-Identifier: MIT

package import CameraCore
internal import Glibc
internal import SystemPackage

/// What ended a wait for a device; empty when the time was up.
package struct Readiness: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// A buffer can be dequeued from a capture queue.
    package static let buffer = Readiness(rawValue: 1)
    /// An event can be dequeued.
    package static let event = Readiness(rawValue: 2)
    /// The device failed or went away.
    package static let failure = Readiness(rawValue: 4)
    /// The wake-up was raised.
    package static let wakeUp = Readiness(rawValue: 8)
    /// A buffer can be dequeued from an output queue.
    package static let outputBuffer = Readiness(rawValue: 16)

    // Those of the protocol are not specialized for other modules, which ask for each frame.
    package func contains(_ other: Readiness) -> Bool { rawValue & other.rawValue == other.rawValue }
    package var isEmpty: Bool { rawValue == 0 }
}

extension VideoDevice {
    /// Waits for the device or a wake-up.
    ///
    /// - Parameters:
    ///   - wakeUp: Ends the wait when it is raised.
    ///   - deadline: The moment to give up at; nil waits without an end.
    ///   - interest: What to wait for. A device that does not stream fails where buffers are waited for, events may be;
    ///     where nothing of it is wanted, its failures are passed over.
    /// - Returns: What there is; empty when the deadline passed first.
    /// - Throws: poll's error; signals only make it wait again.
    package func wait(
        _ wakeUp: WakeUp, until deadline: Timestamp?, for interest: Readiness = [.buffer, .event]
    ) throws(DeviceError) -> Readiness {
        let wanted =
            (interest.contains(.buffer) ? POLLIN : 0) | (interest.contains(.event) ? POLLPRI : 0)
            | (interest.contains(.outputBuffer) ? POLLOUT : 0)
        return try withDescriptor("poll") { number throws(DeviceError) in
            // poll passes over negative numbers.
            let entry = pollfd(fd: wanted == 0 ? -1 : number, events: Int16(wanted), revents: 0)
            let (found, wakeUps) = try calls.wait(for: entry, wakeUp, until: deadline, subject: path)
            let events = Int32(found)
            var readiness: Readiness = []
            if events & POLLIN != 0 { readiness.insert(.buffer) }
            if events & POLLOUT != 0 { readiness.insert(.outputBuffer) }
            if events & POLLPRI != 0 { readiness.insert(.event) }
            if events & (POLLERR | POLLHUP | POLLNVAL) != 0 { readiness.insert(.failure) }
            if wakeUps != 0 { readiness.insert(.wakeUp) }
            return readiness
        }
    }

}

extension SystemCalls {
    /// Waits for a descriptor or a wake-up.
    ///
    /// - Parameters:
    ///   - entry: The descriptor and what to wait for.
    ///   - wakeUp: Ends the wait when it is raised.
    ///   - deadline: The moment to give up at; nil waits without an end.
    ///   - subject: What errors name.
    /// - Returns: The events of both; zeros when the deadline passed first.
    /// - Throws: poll's error; signals only make it wait again.
    func wait(
        for entry: pollfd, _ wakeUp: WakeUp, until deadline: Timestamp?, subject: String
    ) throws(DeviceError) -> (events: Int16, wakeUps: Int16) {
        var entries: InlineArray = [entry, pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)]
        var span = entries.mutableSpan
        return try span.withUnsafeMutableBufferPointer { entries throws(DeviceError) in
            while let errno = poll(entries, Self.milliseconds(until: deadline)) {
                guard errno == .interrupted else { throw DeviceError("poll", device: subject, errno) }
            }
            return (entries[0].revents, entries[1].revents)
        }
    }

    /// poll's time-out: rounded up, so that the deadline has passed when it ends; -1 for none.
    private static func milliseconds(until deadline: Timestamp?) -> Int32 {
        guard let deadline else { return -1 }
        let nanoseconds = max((deadline - .now).nanoseconds, 0)
        return Int32(clamping: nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 == 0 ? 0 : 1))
    }
}
