// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraCore
internal import CameraKit
internal import CameraServer

/// Does what the section `hooks` of a configuration says for each finished file and each event of a server.
///
/// It follows the server's news by a task; each hook has a queue and a thread of its own, so that none holds back another, and
/// none the cameras.
final class Hooks: Sendable {
    private let following: Task<Void, Never>
    private let isFollowed: Monitor<Bool>
    private let files: HookQueue<News>?
    private let events: HookQueue<News>?
    private let posts: HookQueue<News>?

    /// How long the end waits for the last news, and then for what waits in the queues.
    private static let newsPatience = Duration.seconds(2)
    private static let patience = Duration.seconds(15)

    /// Begins to follow a server; nil where no hook is asked for.
    ///
    /// - Parameters:
    ///   - server: What serves the cameras.
    ///   - values: The section.
    ///   - log: Told in a line what goes wrong.
    /// - Throws: `.system` where there is no thread to be had.
    init?(
        _ server: CameraServer, _ values: ConfigurationValues, log: @escaping @Sendable (String) -> Void
    ) throws(CameraError) {
        let limit = try values.text("hooks.limit").map(Parse.duration) ?? .seconds(600)
        let (onFile, onEvent) = (values.text("hooks.on-file"), values.text("hooks.on-event"))
        let url = values.text("hooks.post")
        guard onFile != nil || onEvent != nil || url != nil else { return nil }
        files = try onFile.map { command throws(CameraError) in
            try HookQueue("on-file", log: log) { news, _ in
                let facts = (news.file.map(ChildProgram.facts) ?? [:]).merging(["CAMERA_NAME": news.camera]) { $1 }
                let trouble = ChildProgram.run(command, facts, limit: limit)
                return trouble.map { "the command for '\(news.file?.name ?? "")' \($0)" }
            }
        }
        events = try onEvent.map { command throws(CameraError) in
            try HookQueue("on-event", log: log) { news, _ in
                let facts = [
                    "CAMERA_NAME": news.camera, "CAMERA_SUBJECT": news.subject, "CAMERA_EVENT": news.event,
                    "CAMERA_MESSAGE": news.message ?? "",
                    "CAMERA_TIME": ChildProgram.seconds(nanoseconds: Int64(clamping: news.time * 1e9)),
                ]
                let trouble = ChildProgram.run(command, facts, limit: limit)
                return trouble.map { "the command for '\(news.camera): \(news.subject) \(news.event)' \($0)" }
            }
        }
        posts = try url.map { url throws(CameraError) in
            let post = HookPost(url)
            return try HookQueue("post", log: log) { news, queue in
                post.send(news) { trouble, rest in
                    queue.fail(trouble)
                    return queue.pause(for: rest)
                }
            }
        }
        let (files, events, posts, news) = (files, events, posts, server.events)
        let isFollowed = Monitor(false)
        self.isFollowed = isFollowed
        following = Task.ofServer {
            for await news in news {
                if news.file != nil { files?.add(news) }
                guard news.file != nil || news.subject != "file" else { continue }
                if news.file == nil { events?.add(news) }
                posts?.add(news)
            }
            isFollowed.update { $0 = true }
        }
    }

    /// Ends it while the server goes on: what waits is still done, which is not waited for.
    func close() {
        following.cancel()
        files?.close()
        events?.close()
        posts?.close()
    }

    /// Waits, once the server has ended, until all is done, half a minute at most.
    func finish() {
        _ = isFollowed.wait(until: .now + Self.newsPatience) { $0 ? true : nil }
        following.cancel()
        for queue in [events, posts].compactMap(\.self) { queue.close() }
        files?.finish(within: Self.patience)
        events?.finish(within: .seconds(5))
        posts?.finish(within: .seconds(5))
    }
}
