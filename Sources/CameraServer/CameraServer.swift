// SPDX-License-Identifier: MIT

internal import CameraCore
public import CameraKit
internal import Glibc

/// Shows cameras to browsers and other programs of the network: a live page, an API, and RTSP.
///
/// ```swift
/// let camera = try Camera()
/// let server = try CameraServer(camera)
/// print("look at \(server.address)")
/// server.wait()
/// ```
///
/// However many watch, a camera is encoded once for each format, and not at all while nobody does. A recording of the program's
/// in the format of the live pictures is what they see.
///
/// All methods may be called from any thread. Phases: serving, ending, ended; `stop()` moves it on, and so does the end of the
/// last reference.
public final class CameraServer: Sendable {
    /// Where a server listens, and for whom.
    public struct Options: Sendable {
        /// The address in digits: of this machine alone by default, "0.0.0.0" for all that reach it, which needs a password.
        public var address = "127.0.0.1"
        /// The port of the page and the API; 0 for one that is free.
        public var port = 8080
        /// The port of RTSP, 0 for one that is free; nil for none.
        public var rtspPort: Int? = 8554
        /// What clients must know; nil where all who reach the server may look, record and change settings.
        public var password: String?
        /// Names by which clients call the server besides its addresses, "localhost" and the machine's name, such as that of a
        /// reverse proxy.
        public var hostNames: [String] = []
        /// Pages of the program's own, as HTML by their paths: `["/door.html": "<!doctype html>…"]`.
        ///
        /// They may use all of the API, as the live page does; what they need stands in them, since browsers are told to load
        /// nothing from elsewhere.
        public var pages: [String: String] = [:]
        /// The most connections of HTTP at once, and of RTSP.
        public var connectionLimit = 256
        /// What was recorded, for those who look at it by days; nil where nobody keeps account of it.
        package var archive: (any RecordingArchive)?
        /// Whether those who listen are told what happened before, until ``CameraServer/forgetEarlyNews()``.
        package var keepsEarlyNews = false
        /// How long clients may take.
        package var limits = HTTPLimits()
        package var rtspLimits = RTSPServer.Limits()
        /// How long one of the server's threads may be busy, as with files that a disk does not take, before it counts as
        /// hanging; and how long a driver may keep a camera's thread before that camera is given up and opened again.
        package var threadPatience = Duration.seconds(120)

        /// Serves this machine alone, on port 8080, and RTSP on port 8554.
        public init() {}
    }

    /// The address of the page: "http://127.0.0.1:8080/".
    public let address: String
    /// The address of RTSP, which the name of a camera follows: "rtsp://127.0.0.1:8554/"; nil for none.
    public let rtspAddress: String?
    /// What serves RTSP; nil where nothing does.
    package let rtsp: RTSPServer?
    let news: Hub<News>
    private let listeners: [Listener]
    private let polls: Connection.Polls
    private let threads: ThreadCheck
    let state: Monitor<State>

    enum Phase { case serving, ending, ended }

    /// What changes while it serves.
    struct State {
        var phase = Phase.serving
        var stations: [Station] = []
        /// Those of cameras that were removed, until they have ended.
        var leaving: [Station] = []
        /// How many stations there were, for the names of their threads.
        var count = 0
        /// How long a thread may be busy before it counts as hanging.
        let patience: Duration
        /// What did not end in time, in words.
        var leftBehind: [String] = []
        /// What was recorded of all of them.
        let archive: ServedArchive?
    }

    /// How long stopping waits for recordings and connections.
    static let stopLimit = Duration.seconds(60)

    /// Serves a camera of the program's.
    ///
    /// - Throws: What the other initialiser throws.
    public convenience init(_ camera: Camera, options: Options = Options()) throws(CameraError) {
        try self.init([ServedCamera(camera)], options: options)
    }

    /// Serves cameras from now on; those that cannot be opened are shown as away, and tried again.
    ///
    /// - Throws: `.invalidValue` for a name that cannot stand in an address or is used twice, for an address or port that is
    ///   none, and for an address beyond this machine without a password; `.system` for one that is in use.
    public init(_ cameras: [ServedCamera], options: Options = Options()) throws(CameraError) {
        try Self.check(cameras, options)
        let news = Hub<News>.ofNews(keepsEarly: options.keepsEarlyNews)
        self.news = news
        try ServerExecutor.shared.start()
        polls = try Connection.Polls()
        threads = ThreadCheck(polls)
        let state = Monitor(
            State(patience: options.threadPatience, archive: options.archive.map(ServedArchive.init)))
        self.state = state
        var listeners: [Listener] = []
        do throws(CameraError) {
            // What cannot listen opens no camera.
            let stream: @Sendable (String) -> LiveStream? = { path in
                let parts = path.split(separator: "/").map(String.init)
                guard let name = parts.first, parts.count <= 2 else { return nil }
                let station = state.withLock { $0.stations.first { $0.plan.name == name } }
                return station?.stream(parts.count > 1 ? parts[1] : nil)
            }
            let wrongPasswords = WrongPasswords()
            let rtsp = options.rtspPort.map { _ in
                RTSPServer(
                    password: options.password, wrongPasswords: wrongPasswords, limits: options.rtspLimits,
                    streams: stream)
            }
            self.rtsp = rtsp
            let gate = HTTPGate(
                password: options.password, hostNames: Self.names(options), wrongPasswords: wrongPasswords)
            let http = HTTPServer(
                gate: gate,
                answer: { request in
                    let counts = rtsp.map { Metrics.counts(of: $0.counts.values) } ?? []
                    return await Routes(
                        stations: { state.withLock(\.stations) }, news: news, pages: options.pages, counts: counts
                    ).answer(request)
                }, limits: options.limits)
            let page = try Listener(
                SocketAddress(host: options.address, port: options.port), polls: polls,
                capacity: options.connectionLimit
            ) { await http.serve($0) }
            listeners.append(page)
            address = "http://\(page.address.text)/"
            var rtspAddress: String?
            if let rtsp, let port = options.rtspPort {
                let listener = try Listener(
                    SocketAddress(host: options.address, port: port), polls: polls, capacity: options.connectionLimit
                ) { await rtsp.serve($0) }
                listeners.append(listener)
                rtspAddress = "rtsp://\(listener.address.text)/"
            }
            self.rtspAddress = rtspAddress
            try state.update { state throws(CameraError) in
                for camera in cameras { try state.add(camera, news) }
            }
        } catch {
            for station in state.withLock(\.stations) { station.end() }
            let (opened, polls) = (listeners, polls)
            Task.ofServer {
                for listener in opened { await listener.end() }
                polls.end()
            }
            throw error
        }
        self.listeners = listeners
        Self.tellOfHangs(state, every: min(.seconds(5), options.threadPatience / 2))
    }

    deinit { begin()?() }

    /// Throws for what no server could do, whatever the machine has.
    package static func check(_ cameras: [ServedCamera], _ options: Options) throws(CameraError) {
        let operation = "serving cameras"
        var names: Set<String> = []
        for camera in cameras {
            try camera.check()
            guard names.insert(camera.name).inserted else {
                throw CameraError(
                    .invalidValue, operation, subject: camera.name,
                    reason: "two cameras have this name; give each its own")
            }
        }
        guard !cameras.isEmpty else { throw CameraError(.invalidValue, operation, reason: "there is none to serve") }
        let isAlone = SocketAddress(host: options.address, port: 0).isLoopback
        if !isAlone, options.password?.isEmpty ?? true {
            throw CameraError(
                .invalidValue, operation, subject: options.address,
                reason: "beyond this machine everybody could look and record: give a password (the tool takes it by "
                    + "--password-file or CAMERA_PASSWORD), or listen on 127.0.0.1")
        }
    }

    /// The names of the server besides its addresses.
    private static func names(_ options: Options) -> [String] {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return options.hostNames }
        let machine = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return options.hostNames + [machine, machine + ".local"]
    }

    /// What happens to the cameras from now on, for one more who listens.
    ///
    /// Until ``forgetEarlyNews()`` that begins with what happened since the server began, where its options say so.
    package var events: AsyncStream<News> { news.stream() }

    /// Has `take` called with what happens to the cameras, as ``events``, on the thread on which it happens; must not wait.
    package func observe(_ take: @escaping @Sendable (News) -> Void) { news.observe(take) }

    /// Tells those who listen from now on nothing of what happened before; to be called when those of the beginning listen.
    package func forgetEarlyNews() { news.forgetEarly() }

    /// What the cameras and the server's threads do now; nothing is waited for.
    package var health: ServerHealth {
        let (stations, patience) = state.withLock { ($0.stations, $0.patience) }
        let hanging = threads.ask() > patience ? ["the threads of connections"] : []
        return ServerHealth(cameras: stations.map { ($0.plan.name, $0.condition) }, hangingThreads: hanging)
    }

    /// Tells those who listen of cameras whose threads hang, while it serves: such a thread can tell nothing itself.
    private static func tellOfHangs(_ state: Monitor<State>, every interval: Duration) {
        Task.ofServer {
            while true {
                let next = Timestamp.now + max(interval, .milliseconds(1))
                let isOver = await state.suspend(until: next) { $0.phase == .serving ? nil : true }
                if isOver == true { return }
                for station in state.withLock(\.stations) { station.tellOfHang() }
            }
        }
    }

    /// Waits until the server is stopped.
    ///
    /// - Parameter timeout: The longest time to wait; nil for as long as it takes.
    /// - Returns: Whether it was stopped.
    @discardableResult
    public func wait(_ timeout: Duration? = nil) -> Bool {
        state.wait(until: .deadline(after: timeout)) { $0.phase == .ended ? true : nil } ?? false
    }

    /// Finishes the recordings that the server has begun, closes the cameras that it has opened and all connections; waits for
    /// that, a minute at most, and for a camera that hangs a second.
    ///
    /// Calling it again waits for the same end.
    ///
    /// - Throws: `.timedOut` with the cameras that did not end; the files of the others are finished.
    public func stop() throws(CameraError) {
        begin()?()
        try Self.check(state.wait(until: .now + Self.stopLimit * 2) { $0.phase == .ended ? $0.leftBehind : nil })
    }

    /// As the blocking method, and throws as it does; suspends the task meanwhile.
    public func stop() async throws(CameraError) {
        begin()?()
        try Self.check(
            await state.suspend(until: .now + Self.stopLimit * 2) { $0.phase == .ended ? $0.leftBehind : nil })
    }

    /// Throws for cameras that did not end, or where nothing is known of them.
    private static func check(_ leftBehind: [String]?) throws(CameraError) {
        guard let leftBehind else {
            throw CameraError(.timedOut, "stopping the server", reason: "its connections do not end")
        }
        guard !leftBehind.isEmpty else { return }
        throw CameraError(.timedOut, "stopping the server", reason: leftBehind.joined(separator: "; "))
    }

    /// Begins the end; nil where that was begun.
    private func begin() -> (() -> Void)? {
        let begun = state.update { state -> [Station]? in
            guard state.phase == .serving else { return nil }
            state.phase = .ending
            return state.stations + state.leaving
        }
        guard let stations = begun else { return nil }
        let (listeners, polls, news, state) = (listeners, polls, news, state)
        return {
            for station in stations { station.end() }
            Task.ofServer {
                let deadline = Timestamp.now + Self.stopLimit
                for listener in listeners { await listener.end() }
                polls.end()
                var leftBehind: [String] = []
                for station in stations {
                    // A camera that hangs already is given a second more than the others have taken.
                    let patience = station.hang == nil ? deadline : min(deadline, .now + .seconds(1))
                    if await !station.waitForEnd(until: patience) { leftBehind.append(station.lateness) }
                    await station.playlist.end()
                }
                // What the end of the recordings told is told still.
                news.finish()
                state.update { [leftBehind] state in (state.phase, state.leftBehind) = (.ended, leftBehind) }
            }
        }
    }
}
