// SPDX-License-Identifier: MIT

import CameraCore
import Foundation

/// The calls of fdatasync(2) for files that a test watches: counted, and failing if the test wants that.
///
/// The function below takes the C library's place, since no disk fails when a test needs it.
final class SyncCalls: Sendable {
    private static let watched = Monitor<[String: SyncCalls]>([:])
    private let state: Monitor<(count: Int, failure: Int32?)>
    private let path: String

    /// Watches the calls for a path.
    init(for path: String, failingWith failure: Int32? = nil) {
        self.path = path
        state = Monitor((0, failure))
        Self.watched.withLock { $0[path] = self }
    }

    /// Ends watching.
    func end() { Self.watched.withLock { _ = $0.removeValue(forKey: path) } }

    /// Calls so far.
    var count: Int { state.withLock { $0.count } }

    /// Waits until there have been so many calls.
    func wait(for count: Int) { state.wait { $0.count >= count ? () : nil } }

    fileprivate static func failure(for descriptor: Int32) -> Int32? {
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
        guard let path, let calls = watched.withLock({ $0[path] }) else { return nil }
        return calls.state.update { state in
            state.count += 1
            return state.failure
        }
    }

    fileprivate static let original: @convention(c) (Int32) -> Int32 = {
        // RTLD_NEXT, a macro that Swift does not import: the definition after this one.
        guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: -1), "fdatasync") else {
            fatalError("the C library has no fdatasync")
        }
        return unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)
    }()
}

/// Fails as a test has asked for, or does what the C library does.
@_cdecl("fdatasync")
public func scriptedDataSync(_ descriptor: Int32) -> Int32 {
    if let failure = SyncCalls.failure(for: descriptor) {
        errno = failure
        return -1
    }
    return SyncCalls.original(descriptor)
}
