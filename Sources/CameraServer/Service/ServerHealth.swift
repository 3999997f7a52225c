// SPDX-License-Identifier: MIT

/// What the parts of a server do at a moment, for a service manager.
package struct ServerHealth: Sendable, Equatable {
    /// What a camera does.
    package enum Condition: Sendable, Equatable {
        /// It is being opened, or its first frame is still to come.
        case opening
        /// Frames come, or would come if anybody took them.
        case delivering
        /// It is open and answers, but gives no frames, as an input without a signal.
        case silent
        /// It is not there, or has failed, for this reason, and is tried again.
        case away(String)
        /// Its driver, or the thread that looks after it, does not come back from this; the others go on without it.
        case hanging(String)
    }

    /// The cameras by their names.
    package var cameras: [(name: String, condition: Condition)]
    /// The threads of all cameras that have not answered for too long.
    package var hangingThreads: [String]

    /// Whether what each camera does is known: it delivers, or is known not to.
    package var isReady: Bool { cameras.allSatisfy { $0.condition != .opening } && isAlive }

    /// Whether nothing hangs that all cameras need.
    ///
    /// A camera that hangs alone is no reason to end the service: the others would lose frames, and a driver that does not answer
    /// keeps the next process too.
    package var isAlive: Bool { hangingThreads.isEmpty }

    /// One line for people: troubles first, since managers cut it off.
    package var status: String {
        var parts: [String] = []
        if !hangingThreads.isEmpty { parts.append("hanging: \(hangingThreads.joined(separator: ", "))") }
        for (name, condition) in cameras {
            switch condition {
            case .opening: parts.append("\(name) is being opened")
            case .delivering: break
            case .silent: parts.append("\(name) gives no frames")
            case .away(let reason): parts.append("\(name) is away (\(reason))")
            case .hanging(let place): parts.append("\(name) hangs (\(place))")
            }
        }
        let delivering = cameras.count { $0.condition == .delivering }
        parts.append("\(delivering) of \(cameras.count) cameras deliver")
        // A line of its own would be another statement to the manager.
        return String(parts.joined(separator: "; ").map { $0.isNewline ? " " : $0 })
    }

    package static func == (one: Self, other: Self) -> Bool {
        one.hangingThreads == other.hangingThreads
            && one.cameras.elementsEqual(other.cameras) { $0.name == $1.name && $0.condition == $1.condition }
    }
}

extension Station {
    /// What its camera does.
    var condition: ServerHealth.Condition {
        if let hang { return .hanging(hang) }
        let shown = shown
        switch shown.state {
        case .opening: return .opening
        case .away, .closed: return .away(shown.message ?? "it was closed")
        case .running:
            switch shown.camera?.router.flow {
            case .flowing?: return .delivering
            case .stalled?: return .silent
            case .hanging?: return .hanging("its driver does not come back from a call")
            case .beginning?, nil: return .opening
            }
        }
    }
}
