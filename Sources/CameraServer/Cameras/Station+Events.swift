// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import CameraKit
internal import CameraOutputs

extension Station {
    /// Tells those who listen of an event of the camera.
    func note(_ event: CameraEvent) {
        let name = plan.name
        plan.onEvent?(event)
        switch event {
        case .fileFinished(_, let file):
            if file.key == .frame { news.tell(name, "file", "finished", file.name, file: file) }
        case .fileRemoved(_, let file): news.tell(name, "file", "removed", file.name)
        case .sourceLost(let error):
            show { board in (board.state, board.message) = (.away, "\(error)") }
            news.tell(name, "camera", "away", "\(error)")
        case .sourceReturned:
            show { board in (board.state, board.message) = (.running, nil) }
            news.tell(name, "camera", "running")
        case .stalled(let error): news.tell(name, "camera", "stalled", "\(error)")
        case .recordingFailed(let port, let error) where port == StationRun.port:
            show { $0.recordingFailure = "\(error)" }
            news.tell(name, "recording", "failed", "\(error)")
        case .outputChanged(_, let address, let state):
            let shown = address.withoutSecrets
            let word = state.word
            show { $0.publishing[shown] = word }
            news.tell(name, "publishing", word, shown)
        default:
            if let (kind, text) = event.warning { news.tell(name, "warning", kind ?? "warning", text) }
        }
    }
}

extension Station {
    /// Tells that something begins to move, or that nothing moves any more.
    func note(isMoving: Bool) {
        let isNews = board(changing: \.isMoving, to: isMoving)
        if isNews { news.tell(plan.name, "motion", isMoving ? "began" : "ended") }
    }
}

extension QueuedOutput.State {
    /// The state in a word.
    fileprivate var word: String {
        switch self {
        case .connecting: "connecting"
        case .running: "running"
        case .waitingForKeyFrame: "waiting"
        case .failed: "failed"
        case .ended: "ended"
        @unknown default: "running"
        }
    }
}

extension String {
    /// An address of the web without the name and password that it may carry, and without its query, which may have a key.
    package var withoutSecrets: String {
        guard let scheme = range(of: "://") else { return self }
        var rest = self[scheme.upperBound...]
        if let at = rest.prefix(while: { $0 != "/" }).lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        return String(self[..<scheme.upperBound]) + rest.prefix { $0 != "?" }
    }

    private func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
