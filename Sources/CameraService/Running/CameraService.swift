// SPDX-License-Identifier: MIT

package import CameraCommands
internal import CameraCore
package import CameraKit
package import CameraServer

/// Cameras that a configuration file describes, served and recorded as it says, also when it changes.
///
/// All methods may be called from any thread. Phases: running, reloading (the file is read again, and cameras are ended and
/// begun), ending, ended. ``reload()`` reserves `reloading` and gives `running` back; another one waits for its turn. ``stop()``
/// moves on to `ending` at any moment: a reload that runs then begins no more cameras.
package final class CameraService: Sendable {
    /// What the cameras are served by.
    package let server: CameraServer
    /// What happens to the cameras from the beginning on, for a log.
    package let events: AsyncStream<News>
    private let file: String
    private let network: NetworkOptions?
    private let environment: @Sendable (String) -> String?
    private let timekeeper: Timekeeper
    /// Keeps account of what is recorded; nil where the file names no catalogue.
    private let keeper: CatalogKeeper?
    private let log: @Sendable (String) -> Void
    private let state: Monitor<State>

    private enum Phase { case running, reloading, ending, ended }

    private struct State {
        var phase = Phase.running
        var runs: [String: Run] = [:]
        var serverValues: ConfigurationValues
        /// Nil before the beginning is over.
        var fleet: Fleet?
    }

    /// A camera that is served.
    private struct Run: Sendable {
        let plan: CameraPlan
        let pictures: PictureRun
    }

    /// What a reload did, by the names of cameras.
    package struct Changes: Hashable, Sendable {
        package var added: [String] = []
        package var changed: [String] = []
        package var gone: [String] = []
        package var kept: [String] = []
        /// Whether `server` says something else, which holds when the service is started again.
        package var isServerChanged = false
    }

    /// Serves what a file describes.
    ///
    /// - Parameters:
    ///   - file: Its path.
    ///   - configuration: What was read from it.
    ///   - network: Options that go before what the file has; nil for none.
    ///   - environment: Gives the values of `${NAME}` when it is read again.
    ///   - log: Told in a line what those who are told of the cameras do, such as a broker.
    /// - Throws: What ``CameraServer/init(_:options:)`` throws.
    package init(
        file: String, _ configuration: Configuration, network: NetworkOptions? = nil,
        environment: @escaping @Sendable (String) -> String? = { Configuration.environment($0) },
        log: @escaping @Sendable (String) -> Void = { Console.print("camera: \($0)") }
    ) throws(CameraError) {
        self.file = file
        self.network = network
        self.environment = environment
        self.log = log
        state = Monitor(State(serverValues: configuration.server))
        let keeper = try configuration.catalog(environment).map { path throws(CameraError) in
            try CatalogKeeper(path)
        }
        self.keeper = keeper
        timekeeper = try Timekeeper()
        for plan in configuration.cameras { plan.makeFolders() }
        let cameras = configuration.cameras.map { keeper?.watching($0.served) ?? $0.served }
        do throws(CameraError) {
            var options = try configuration.options(network)
            options.keepsEarlyNews = true
            options.archive = keeper.map { CatalogArchive(catalog: $0.catalog) }
            server = try CameraServer(cameras, options: options)
            // Files that a crash has left are finished beside the new ones, which have other names.
            try keeper?.reconcile(cameras)
        } catch {
            keeper?.end()
            throw error
        }
        events = server.events
        keeper?.speak(by: server)
        for plan in configuration.cameras { begin(plan) }
        if let keeper { Self.tell(keeper, of: server) }
        try tell(configuration)
        server.forgetEarlyNews()
    }

    /// Reads the file again, does what has changed in it, and waits for that.
    ///
    /// Cameras that did not change are not touched; others are ended and begun.
    ///
    /// - Returns: What was done.
    /// - Throws: ``ConfigurationFaults`` for a file with faults, which changes nothing; `.timedOut` for a camera that does not
    ///   end, which is begun again by a later reload; `.closed` when the service ends.
    package func reload() throws -> Changes {
        try state.waitAndUpdate(until: nil) { state throws(CameraError) -> Void? in
            switch state.phase {
            case .running:
                state.phase = .reloading
                return ()
            case .reloading: return nil
            case .ending, .ended: throw CameraError(.closed, "reading the configuration again", subject: file)
            }
        }
        defer { state.update { if $0.phase == .reloading { $0.phase = .running } } }
        return try change(to: try Configuration(contentsOf: file, environment: environment))
    }

    private func change(to configuration: Configuration) throws(CameraError) -> Changes {
        let (old, serverValues) = state.withLock { ($0.runs, $0.serverValues) }
        var changes = Changes()
        changes.isServerChanged = !configuration.server.means(serverValues)
        let names = Set(configuration.cameras.map(\.name))
        var begun: [CameraPlan] = []
        for plan in configuration.cameras {
            guard let run = old[plan.name] else {
                changes.added.append(plan.name)
                begun.append(plan)
                continue
            }
            if run.plan.values.means(plan.values) {
                changes.kept.append(plan.name)
            } else {
                changes.changed.append(plan.name)
                begun.append(plan)
            }
        }
        changes.gone = old.keys.filter { !names.contains($0) }.sorted()
        var failure: CameraError?
        for name in changes.gone + changes.changed {
            do throws(CameraError) {
                try end(name)
            } catch {
                failure = failure ?? error
            }
        }
        for plan in begun {
            plan.makeFolders()
            do throws(CameraError) {
                try server.add(keeper?.watching(plan.served) ?? plan.served)
                begin(plan)
            } catch {
                failure = failure ?? error
            }
        }
        server.arrange(configuration.cameras.map(\.name))
        if !begun.isEmpty { try keeper?.reconcile(configuration.cameras.map(\.served)) }
        try tell(configuration)
        if let failure { throw failure }
        return changes
    }

    /// Finishes all files, closes the cameras and the server, and waits for that.
    ///
    /// Calling it again waits for the same end.
    ///
    /// - Throws: `.timedOut`.
    package func stop() throws(CameraError) {
        let runs = state.update { state -> [Run] in
            if state.phase != .ended { state.phase = .ending }
            return Array(state.runs.values)
        }
        timekeeper.end()
        for run in runs { run.pictures.end() }
        defer {
            state.update { $0.fleet.take() }?.finish()
            // The catalogue has the last files only when they are finished.
            keeper?.end()
        }
        try server.stop()
        state.update { $0.phase = .ended }
    }

    /// Tells the catalogue of recordings that somebody stops, and of movement, until the server ends.
    private static func tell(_ keeper: CatalogKeeper, of server: CameraServer) {
        server.observe { news in
            switch (news.subject, news.event) {
            case ("recording", "stopped"): keeper.noteStop(of: news.camera)
            case ("motion", "began"): keeper.noteMotion(of: news.camera)
            default: break
            }
        }
    }

    /// Has others told of the cameras as the file says; what tells them already goes on where that says the same.
    private func tell(_ configuration: Configuration) throws(CameraError) {
        let old = state.withLock(\.fleet)
        if let old, old.values.means(configuration.fleet) { return old.arrange(configuration.cameras) }
        old?.close()
        let fleet = try Fleet(server, configuration.fleet, log: log)
        fleet.arrange(configuration.cameras)
        let isEnding = state.update { state in
            let isEnding = state.phase == .ending || state.phase == .ended
            state.fleet = isEnding ? nil : fleet
            return isEnding
        }
        if isEnding { fleet.close() }
    }

    /// Begins what is done beside the server's work, with a camera that it serves.
    private func begin(_ plan: CameraPlan) {
        let pictures = PictureRun(plan, server)
        let isEnding = state.update { state in
            state.runs[plan.name] = Run(plan: plan, pictures: pictures)
            return state.phase == .ending || state.phase == .ended
        }
        // The end has come between the two: the server has refused the camera, or ends it.
        if isEnding { return }
        pictures.begin()
        let hours = Hours(plan, server)
        timekeeper.tell(plan.name) { clock in
            hours?.look(at: clock)
            pictures.look(at: clock)
        }
    }

    /// Ends a camera and all that is done with it.
    private func end(_ name: String) throws(CameraError) {
        timekeeper.forget(name)
        state.update { $0.runs.removeValue(forKey: name) }?.pictures.end()
        try server.remove(name)
    }
}
