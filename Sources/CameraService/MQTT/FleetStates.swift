// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit
internal import CameraServer

/// Tells a broker of MQTT what the cameras of a server do, and does what it is told.
///
/// Its thread looks when something has happened, and each second, since not every change is news. Pictures and disks are looked at
/// by tasks of their own, so that a disk that does not answer holds back nothing else. All methods may be called from any thread.
final class FleetStates: Sendable {
    private let server: CameraServer
    private let options: MQTTOptions
    private let home: HomeAssistant?
    private let client: MQTTClient
    private let state = Monitor(State())
    private let following: Task<Void, Never>

    private struct State {
        var isDirty = true
        var isEnding = false
        var cameras: [String: Run] = [:]

        /// Whether to look, or to end; nil while there is no news.
        mutating func takeLook() -> Bool? {
            if isEnding { return false }
            guard isDirty else { return nil }
            isDirty = false
            return true
        }
    }

    /// What is done for a camera.
    private struct Run: Sendable {
        let camera: FleetCamera
        let tasks: [Task<Void, Never>]
    }

    private static let interval = Duration.seconds(1)
    private static let storageInterval = Duration.seconds(30)

    /// Begins to tell of cameras that ``arrange(_:)`` names.
    ///
    /// - Parameters:
    ///   - server: What serves the cameras.
    ///   - options: The broker.
    ///   - log: Told in a line when the broker is there, and when it goes.
    /// - Throws: `.system` where there is no thread to be had.
    init(
        _ server: CameraServer, _ options: MQTTOptions, log: @escaping @Sendable (String) -> Void
    ) throws(CameraError) {
        (self.server, self.options) = (server, options)
        let home = options.discovery.map { HomeAssistant(options: options, prefix: $0) }
        self.home = home
        client = try MQTTClient(
            options, commands: options.commandTopic(of: "+"), birthTopic: home?.birthTopic, log: log
        ) { Self.obey($0, options, server) }
        let (state, client, events) = (state, client, server.events)
        following = Task.ofServer {
            for await _ in events { state.update { $0.isDirty = true } }
        }
        do throws(CameraError) {
            _ = try WorkerThread("fleet") {
                while state.wait(until: .now + Self.interval, { $0.takeLook() }) ?? true {
                    Self.look(server, options, client, state.withLock { Set($0.cameras.keys) })
                }
            }
        } catch {
            client.end()
            throw error
        }
    }

    /// Tells of these cameras from now on, and has others forgotten.
    func arrange(_ cameras: [FleetCamera]) {
        let names = Set(cameras.map(\.name))
        let gone = state.withLock { state in
            let known = state.cameras
            for run in known.values where !cameras.contains(run.camera) { state.cameras[run.camera.name] = nil }
            return known.values.filter { !cameras.contains($0.camera) }
        }
        for run in gone {
            for task in run.tasks { task.cancel() }
            forget(run.camera, isGone: !names.contains(run.camera.name), now: cameras)
        }
        for camera in cameras where state.withLock({ $0.cameras[camera.name] == nil }) { begin(camera) }
        state.update { $0.isDirty = true }
    }

    /// Tells that the service goes, and waits for that, three seconds at most.
    func end() {
        let runs = state.update { state in
            state.isEnding = true
            return Array(state.cameras.values)
        }
        for run in runs { for task in run.tasks { task.cancel() } }
        following.cancel()
        Self.look(server, options, client, Set(runs.map(\.camera.name)))
        client.end()
    }

    // MARK: States

    private static func look(
        _ server: CameraServer, _ options: MQTTOptions, _ client: MQTTClient, _ names: Set<String>
    ) {
        for camera in server.states where names.contains(camera.name) {
            func tell(_ what: String, _ isOn: Bool) {
                client.set(options.topic(of: camera.name, what), Array((isOn ? "ON" : "OFF").utf8))
            }
            tell("connectivity", camera.state == .running)
            tell("recording", camera.recording.isRunning)
            if let isMoving = camera.isMoving { tell("motion", isMoving) }
        }
    }

    /// Does what a message asks for.
    private static func obey(_ message: MQTTMessage, _ options: MQTTOptions, _ server: CameraServer) {
        // What the broker had kept is an old one.
        guard !message.isRetained, let name = options.camera(ofCommands: message.topic) else { return }
        switch String(decoding: message.payload, as: UTF8.self) {
        case "ON": server.want(recording: true, of: name)
        case "OFF": server.want(recording: false, of: name)
        default: break
        }
    }

    // MARK: Cameras

    private func begin(_ camera: FleetCamera) {
        for (topic, payload) in home?.discoveries(of: camera) ?? [:] { client.set(topic, payload) }
        var tasks: [Task<Void, Never>] = []
        let (server, options, client) = (server, options, client)
        if let interval = options.snapshotInterval {
            tasks.append(
                Task.ofServer {
                    while !Task.isCancelled {
                        // One that is away is tried again at the next turn; the server tells of it.
                        let picture = client.isConnected ? try? await server.picture(of: camera.name) : nil
                        if let picture, !Task.isCancelled {
                            client.set(options.topic(of: camera.name, "picture"), picture)
                        }
                        // Until the first one there is nothing to see.
                        let isThere = client.isConnected && server.camera(camera.name) != nil
                        await WakeUpCall().wait(until: .now + (isThere ? interval : min(interval, Self.interval)))
                    }
                })
        }
        if camera.template != nil {
            tasks.append(
                Task.ofServer {
                    while !Task.isCancelled {
                        let found = await onThreadOfItsOwn("storage") { () throws(CameraError) in camera.space }
                        if let space = try? found.get() {
                            client.set(options.topic(of: camera.name, "storage"), HomeAssistant.json(Storage(space)))
                        }
                        await WakeUpCall().wait(until: .now + Self.storageInterval)
                    }
                })
        }
        let run = Run(camera: camera, tasks: tasks)
        let isEnding = state.withLock { state in
            state.cameras[camera.name] = run
            return state.isEnding
        }
        if isEnding { for task in tasks { task.cancel() } }
    }

    /// Has the broker forget what it was told of a camera, but for what it is told still.
    private func forget(_ camera: FleetCamera, isGone: Bool, now cameras: [FleetCamera]) {
        let kept = cameras.first { $0.name == camera.name }.map { home?.discoveries(of: $0) ?? [:] } ?? [:]
        for topic in (home?.discoveries(of: camera) ?? [:]).keys where kept[topic] == nil { client.forget(topic) }
        guard isGone else { return }
        for what in ["connectivity", "recording", "motion", "picture", "storage"] {
            client.forget(options.topic(of: camera.name, what))
        }
    }
}

/// The room on a disk, as it is told: with one place, so that it is news only when it is worth it.
private struct Storage: Encodable {
    /// Gigabytes of 10^9 bytes.
    let free: Double
    let total: Double
    /// Percent.
    let used: Double

    init(_ space: DiskSpace) {
        func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
        free = rounded(Double(space.free) / 1e9)
        total = rounded(Double(space.total) / 1e9)
        used = space.total > 0 ? rounded(100 - 100 * Double(space.free) / Double(space.total)) : 0
    }
}
