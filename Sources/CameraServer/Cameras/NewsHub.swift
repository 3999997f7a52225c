// SPDX-License-Identifier: MIT

internal import CameraCore
package import CameraKit
internal import Synchronization

/// Something that happened to a camera, as the page and other programs are told.
package struct News: Encodable, Sendable {
    /// The camera's name.
    package let camera: String
    /// What it concerns: "camera", "recording", "file", "archive", "publishing", "motion", "warning".
    package let subject: String
    /// What happened, in a word: "running", "away", "started", "finished".
    package let event: String
    /// What a person should know of it; nil where the word says all.
    package let message: String?
    /// When, in seconds since 1970.
    package let time: Double
    /// The file that was finished, for subscribers of this program; nil where none was.
    package let file: FinishedFile?

    private enum CodingKeys: CodingKey { case camera, subject, event, message, time }
}

/// Hands news to those who listen.
final class NewsHub: Sendable {
    private let state = Mutex(State())

    private struct State {
        var listeners: [Int: AsyncStream<News>.Continuation] = [:]
        var count = 0
        /// What happened before anybody listened; nil once somebody does.
        var early: [News]? = []
    }

    /// News that a slow listener may be behind; older ones are lost to it.
    private static let backlog = 256

    /// The news from now on; the first to listen is told the earlier ones as well.
    func stream() -> AsyncStream<News> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: News.self, bufferingPolicy: .bufferingNewest(Self.backlog))
        let key = state.withLock { state in
            for news in state.early ?? [] { continuation.yield(news) }
            state.early = nil
            state.count += 1
            state.listeners[state.count] = continuation
            return state.count
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: key) }
        }
        return stream
    }

    func tell(_ camera: String, _ subject: String, _ event: String, _ message: String? = nil, file: FinishedFile? = nil)
    {
        let time = Double(WallTime.now.nanosecondsSince1970) / 1e9
        let news = News(camera: camera, subject: subject, event: event, message: message, time: time, file: file)
        let listeners = state.withLock { state in
            if let early = state.early, early.count < Self.backlog { state.early?.append(news) }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield(news) }
    }

    /// Ends all streams.
    func end() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.finish() }
    }
}
