// SPDX-License-Identifier: MIT

internal import CMosquitto
internal import CameraKit
internal import Glibc

/// A message that a broker has sent.
struct MQTTMessage: Sendable {
    let topic: String
    let payload: [UInt8]
    /// Whether the broker had kept it, so that it may be old.
    let isRetained: Bool
}

/// One connection to a broker, by libmosquitto.
///
/// Only one thread uses it, and the library calls back on that thread alone. The library's own loops are not used: its thread
/// ends for good when a name cannot be looked up, and `mosquitto_loop` waits by select(2), which has no place for the descriptors
/// of a program that has a thousand of them open.
final class MQTTConnection {
    private let handle: OpaquePointer
    private let options: MQTTOptions
    /// Whether the broker has taken the client.
    private(set) var isAccepted = false
    private var refusal: String?
    private var messages: [MQTTMessage] = []

    /// After so many seconds without a word the broker tells the last will; the client looks whether it is there as often.
    private static let keepAlive: Int32 = 15
    /// Commands are short; what is longer is for others.
    private static let longestMessage = 64
    private static let operation = "talking to the MQTT broker"

    /// The library's state for the process, made once.
    private static let library = mosquitto_lib_init()

    /// Prepares a connection.
    ///
    /// - Parameters:
    ///   - options: The broker.
    ///   - will: What it tells, and keeps, when the client goes without a word: the payload of the topic of the status.
    /// - Throws: `.invalidValue` for what the library does not take, such as certificates that cannot be read.
    init(_ options: MQTTOptions, will: [UInt8]) throws(CameraError) {
        _ = Self.library
        self.options = options
        // A name that the library makes up: with one of our own, two services of the same configuration would throw each
        // other out without an end.
        guard let handle = mosquitto_new(nil, true, nil) else {
            throw CameraError(.system, Self.operation, subject: options.address, systemError: .init(rawValue: errno))
        }
        self.handle = handle
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        mosquitto_connect_callback_set(handle) { _, object, code in MQTTConnection.of(object)?.take(answer: code) }
        mosquitto_message_callback_set(handle) { _, object, message in MQTTConnection.of(object)?.take(message) }
        try check(mosquitto_will_set(handle, options.statusTopic, Int32(will.count), will, 1, true))
        if let user = options.user { try check(mosquitto_username_pw_set(handle, user, options.password)) }
        if let file = options.certificates {
            let code = mosquitto_tls_set(handle, file, nil, nil, nil, nil)
            guard code == success else {
                throw CameraError(
                    .invalidValue, "reading the certificates for MQTT", subject: file,
                    reason: "they cannot be read; name a file in PEM format that the service's user may read")
            }
        }
    }

    deinit { mosquitto_destroy(handle) }

    /// Connects; waits for the network as long as the system does, two minutes at most.
    ///
    /// - Throws: `.device` with why not.
    func connect() throws(CameraError) {
        try check(mosquitto_connect(handle, options.host, Int32(options.port), Self.keepAlive))
    }

    /// Waits until there is something to read or to write, or somebody wakes it, a second at most, and does it.
    ///
    /// - Parameter wakeUp: A descriptor that can be read when the thread is to wake.
    /// - Returns: The messages that have come.
    /// - Throws: `.device` when the connection is lost, or the broker refuses the client.
    func turn(wakeUp: Int32) throws(CameraError) -> [MQTTMessage] {
        let events = Int16(POLLIN) | (isWriting ? Int16(POLLOUT) : 0)
        var ready = [
            pollfd(fd: mosquitto_socket(handle), events: events, revents: 0),
            pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
        ]
        _ = poll(&ready, nfds_t(ready.count), 1000)
        let (found, failed) = (ready[0].revents, Int16(POLLERR) | Int16(POLLHUP))
        if found & (Int16(POLLIN) | failed) != 0 { try check(mosquitto_loop_read(handle, 1)) }
        if found & Int16(POLLOUT) != 0 { try check(mosquitto_loop_write(handle, 1)) }
        try check(mosquitto_loop_misc(handle))
        if let refusal { throw failure(refusal) }
        defer { messages = [] }
        return messages
    }

    /// Whether something waits for the network to take it.
    var isWriting: Bool { mosquitto_want_write(handle) }

    /// Sends a message that the broker keeps for those who come later; an empty one has it forget the one before.
    func publish(_ topic: String, _ payload: [UInt8]) throws(CameraError) {
        // Once at most: what is lost with a connection is sent again with the next one.
        try check(mosquitto_publish(handle, nil, topic, Int32(payload.count), payload, 0, true))
    }

    /// Asks for the messages of a topic.
    func subscribe(_ topic: String) throws(CameraError) {
        try check(mosquitto_subscribe(handle, nil, topic, 1))
    }

    /// Takes leave, so that the broker does not tell the last will.
    func disconnect() { mosquitto_disconnect(handle) }

    // MARK: What the library calls

    private static func of(_ object: UnsafeMutableRawPointer?) -> MQTTConnection? {
        object.map { Unmanaged<MQTTConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    private func take(answer code: Int32) {
        if code == 0 { isAccepted = true } else { refusal = String(cString: mosquitto_connack_string(code)) }
    }

    private func take(_ message: UnsafePointer<mosquitto_message>?) {
        guard let message = message?.pointee, let topic = message.topic, message.payloadlen <= Self.longestMessage
        else {
            return
        }
        let payload = UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
        messages.append(
            MQTTMessage(topic: String(cString: topic), payload: Array(payload), isRetained: message.retain))
    }

    // MARK: Errors

    private var success: Int32 { Int32(MOSQ_ERR_SUCCESS.rawValue) }

    private func check(_ code: Int32) throws(CameraError) {
        let number = errno
        guard code != success else { return }
        // The refusal tells more than the end of the connection that follows it.
        if let refusal { throw failure(refusal) }
        let isOfSystem = code == Int32(MOSQ_ERR_ERRNO.rawValue) && number != 0
        throw failure(isOfSystem ? String(cString: strerror(number)) : String(cString: mosquitto_strerror(code)))
    }

    private func failure(_ reason: String) -> CameraError {
        CameraError(.device, Self.operation, subject: options.address, reason: reason)
    }
}
