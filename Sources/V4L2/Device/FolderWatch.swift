// SPDX-License-Identifier: MIT

package import CameraCore
internal import Glibc
internal import SystemPackage

/// Tells when files appear in a folder or change their permissions, from its making on.
package final class FolderWatch: Sendable {
    private let folder: String
    private let calls: SystemCalls
    private let descriptor: Int32

    /// Begins to watch.
    package init(_ folder: String, calls: SystemCalls = .current) throws(DeviceError) {
        switch calls.watchFolder(folder) {
        case .success(let descriptor): self.descriptor = descriptor
        case .failure(let errno): throw DeviceError("inotify_add_watch", device: folder, errno)
        }
        self.folder = folder
        self.calls = calls
    }

    deinit {
        calls.close(descriptor)
    }

    /// What ended a wait.
    package enum Outcome: Hashable, Sendable {
        /// Something changed since the last wait that told so.
        case changed
        /// The wake-up was raised.
        case wakeUp
        /// The deadline passed.
        case timedOut
    }

    /// Waits for a change or a wake-up; changes that came before are told at once.
    ///
    /// - Parameters:
    ///   - wakeUp: Ends the wait when it is raised.
    ///   - deadline: The moment to give up at; nil waits without an end.
    /// - Returns: What ended the wait.
    /// - Throws: poll's error; signals only make it wait again.
    package func wait(_ wakeUp: WakeUp, until deadline: Timestamp?) throws(DeviceError) -> Outcome {
        let entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let (events, wakeUps) = try calls.wait(for: entry, wakeUp, until: deadline, subject: folder)
        if wakeUps != 0 { return .wakeUp }
        guard events != 0 else { return .timedOut }
        calls.clearWatch(descriptor)
        return .changed
    }
}
