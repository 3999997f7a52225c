// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import CameraKit
internal import Glibc

/// Keeps a broker of MQTT told of values by their topics, whenever it is there.
///
/// Of each topic only the newest value counts, and the broker keeps it for those who come later. While the broker is away nothing
/// is sent; when it is back it is sent the newest value of every topic, so that also one that has forgotten all knows them. What a
/// slow network has not taken yet is not queued behind: at most one message is on its way.
///
/// All methods may be called from any thread, and none but ``end()`` waits. Phases: connecting, connected, away (it connects again
/// after a pause of a second, then of twice the time before, half a minute at most), ending, ended. Its own thread moves it on;
/// ``end()`` moves it to `ending` at any moment.
final class MQTTClient: Sendable {
    enum Phase { case connecting, connected, away, ending, ended }

    private struct State {
        var phase = Phase.connecting
        var values: [String: [UInt8]] = [:]
        /// The topics whose value is to be sent.
        var waiting: Set<String> = []
    }

    private let options: MQTTOptions
    private let commands: String
    private let birthTopic: String?
    private let log: @Sendable (String) -> Void
    private let onMessage: @Sendable (MQTTMessage) -> Void
    private let state = Monitor(State())
    private let wakeUp: Int32

    static let here = Array("online".utf8)
    static let gone = Array("offline".utf8)

    private static let longestPause = Duration.seconds(30)
    /// How long a broker may take to say whether it takes the client.
    private static let patience = Duration.seconds(20)
    /// How long the end waits, and how long taking leave may take of that.
    private static let endLimit = Duration.seconds(3)
    private static let leaveLimit = Duration.seconds(2)

    /// Begins to connect, on a thread of its own.
    ///
    /// - Parameters:
    ///   - options: The broker.
    ///   - commands: The topics to listen to.
    ///   - birthTopic: Where somebody who forgets all when it starts says "online"; nil for nobody.
    ///   - log: Told in a line when the broker is there, and when it goes.
    ///   - onMessage: Told of commands, on the thread; must not wait.
    /// - Throws: `.system` where there is no thread or descriptor to be had.
    init(
        _ options: MQTTOptions, commands: String, birthTopic: String?, log: @escaping @Sendable (String) -> Void,
        onMessage: @escaping @Sendable (MQTTMessage) -> Void
    ) throws(CameraError) {
        (self.options, self.commands, self.birthTopic) = (options, commands, birthTopic)
        (self.log, self.onMessage) = (log, onMessage)
        wakeUp = clinux_eventfd()
        guard wakeUp >= 0 else {
            throw CameraError(.system, "preparing for MQTT", systemError: .init(rawValue: -wakeUp))
        }
        state.withLock { $0.values[options.statusTopic] = Self.here }
        _ = try WorkerThread("mqtt") { [self] in run() }
    }

    deinit { close(wakeUp) }

    /// Whether the broker is there.
    var isConnected: Bool { state.withLock { $0.phase == .connected } }

    /// Has a value told, once it differs from the one before.
    func set(_ topic: String, _ value: [UInt8]) {
        let isNews = state.withLock { state in
            guard state.values[topic] != value else { return false }
            state.values[topic] = value
            return state.waiting.insert(topic).inserted
        }
        if isNews { wake() }
    }

    /// Has the broker forget a topic.
    func forget(_ topic: String) {
        let isKnown = state.withLock { $0.values[topic] != nil }
        if isKnown { set(topic, []) }
    }

    /// Tells all again.
    private func repeatAll() {
        state.withLock { $0.waiting = Set($0.values.keys) }
        wake()
    }

    /// Tells that the service goes, takes leave, and waits for that, three seconds at most.
    ///
    /// A thread that still waits for the network then goes on alone and ends when that answers.
    func end() {
        state.update { if $0.phase != .ended { $0.phase = .ending } }
        wake()
        _ = state.wait(until: .now + Self.endLimit) { $0.phase == .ended ? true : nil }
    }

    // MARK: The thread

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, MemoryLayout.size(ofValue: one))
    }

    /// Moves on to another phase; false once it ends.
    private func enter(_ phase: Phase) -> Bool {
        state.update { state in
            guard state.phase != .ending else { return false }
            state.phase = phase
            return true
        }
    }

    private var isEnding: Bool { state.withLock { $0.phase == .ending } }

    private func run() {
        var told: String?
        var pause = Duration.seconds(1)
        while enter(.connecting) {
            do throws(CameraError) {
                try serve { (told, pause) = (nil, .seconds(1)) }
            } catch {
                let text = "\(error)"
                if told != text { log("mqtt: \(text); it is tried again, and told the newest states then") }
                told = text
            }
            guard enter(.away) else { break }
            _ = state.wait(until: .now + pause) { $0.phase == .ending ? true : nil }
            pause = min(pause + pause, Self.longestPause)
        }
        state.update { $0.phase = .ended }
    }

    /// Connects, and tells values until the end.
    ///
    /// - Parameter onConnect: Called when the broker has taken the client.
    /// - Throws: Why it is away.
    private func serve(onConnect: () -> Void) throws(CameraError) {
        let connection = try MQTTConnection(options, will: Self.gone)
        try connection.connect()
        let deadline = Timestamp.now + Self.patience
        while !connection.isAccepted {
            _ = try turn(connection)
            if isEnding { return }
            if Timestamp.now > deadline {
                throw CameraError(
                    .timedOut, "talking to the MQTT broker", subject: options.address, reason: "it does not answer")
            }
        }
        for topic in [commands, options.statusTopic] { try connection.subscribe(topic) }
        if let birthTopic { try connection.subscribe(birthTopic) }
        repeatAll()
        onConnect()
        if enter(.connected) { log("mqtt: connected to \(options.address)") }
        while !isEnding {
            try sendWaiting(connection)
            for message in try turn(connection) { take(message) }
        }
        try leave(connection)
    }

    private func turn(_ connection: MQTTConnection) throws(CameraError) -> [MQTTMessage] {
        let messages = try connection.turn(wakeUp: wakeUp)
        var count: UInt64 = 0
        _ = read(wakeUp, &count, MemoryLayout.size(ofValue: count))
        return messages
    }

    private func sendWaiting(_ connection: MQTTConnection) throws(CameraError) {
        while !connection.isWriting, let (topic, value) = next() { try connection.publish(topic, value) }
    }

    private func next() -> (String, [UInt8])? {
        state.withLock { state in
            guard let topic = state.waiting.popFirst(), let value = state.values[topic] else { return nil }
            if value.isEmpty { state.values[topic] = nil }
            return (topic, value)
        }
    }

    private func take(_ message: MQTTMessage) {
        switch message.topic {
        case options.statusTopic:
            // The will of a connection that broke may come when this one is long there.
            if message.payload == Self.gone { state.withLock { _ = $0.waiting.insert(options.statusTopic) } }
        case birthTopic: if message.payload == Self.here { repeatAll() }
        default: onMessage(message)
        }
    }

    private func leave(_ connection: MQTTConnection) throws(CameraError) {
        let deadline = Timestamp.now + Self.leaveLimit
        state.withLock { state in
            state.values[options.statusTopic] = Self.gone
            state.waiting.insert(options.statusTopic)
        }
        repeat {
            try sendWaiting(connection)
            guard connection.isWriting || state.withLock({ !$0.waiting.isEmpty }) else { break }
            _ = try turn(connection)
        } while Timestamp.now < deadline
        connection.disconnect()
    }
}
