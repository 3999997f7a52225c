// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// A camera of libcamera that was plugged in or unplugged.
package enum LibCameraChange: Hashable, Sendable {
    /// A camera was plugged in; the value is libcamera's name for it.
    case added(String)
    /// A camera was unplugged; the value is libcamera's name for it.
    case removed(String)
}

extension LibCamera {
    /// Reports the cameras that are plugged in and unplugged from now on.
    ///
    /// libcamera's manager runs until the stream is released.
    ///
    /// - Throws: `.missingLibrary`, `.device`.
    package static func changes() throws -> AsyncStream<LibCameraChange> {
        changes(try LibCameraUse(try LibCameraShim.loaded()))
    }

    /// Tells of the cameras that the given functions tell of.
    package static func changes(_ use: LibCameraUse) -> AsyncStream<LibCameraChange> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: LibCameraChange.self, bufferingPolicy: .bufferingNewest(256))
        let number = LibCameraWatchers.all.withLock { watchers in
            watchers.last += 1
            watchers.continuations[watchers.last] = continuation
            return watchers.last
        }
        use.shim.functions.observe { id, isAdded in
            let id = String(cString: id)
            let continuations = LibCameraWatchers.all.withLock { Array($0.continuations.values) }
            for continuation in continuations { continuation.yield(isAdded ? .added(id) : .removed(id)) }
        }
        continuation.onTermination = { _ in
            LibCameraWatchers.all.withLock { $0.continuations[number] = nil }
            withExtendedLifetime(use) {}
        }
        return stream
    }
}

/// Those who want to be told; the shim has one listener for the whole process.
private enum LibCameraWatchers {
    struct List {
        var last = 0
        var continuations: [Int: AsyncStream<LibCameraChange>.Continuation] = [:]
    }

    static let all = Mutex(List())
}
