// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraKit

/// What the section `mqtt` of a configuration says.
struct MQTTOptions: Sendable {
    /// The broker.
    let host: String
    let port: Int
    let user: String?
    let password: String?
    /// The file of the certificates that the broker's is judged by; nil for a connection without TLS.
    let certificates: String?
    /// What all topics begin with, and what Home Assistant's begin with; nil to tell it nothing.
    let topic: String
    let discovery: String?
    /// From one picture to the next; nil for none.
    let snapshotInterval: Duration?

    /// Reads it; nil without such a section.
    ///
    /// - Throws: `.invalidValue` for a value that cannot be read, which the check of its key has refused before.
    init?(_ values: ConfigurationValues) throws(CameraError) {
        guard let host = values.text("mqtt.host") else { return nil }
        self.host = host
        certificates = values.text("mqtt.tls-ca")
        port = try values.text("mqtt.port").map(Parse.port) ?? (certificates == nil ? 1883 : 8883)
        user = values.text("mqtt.user")
        password = values.text("mqtt.password")
        topic = values.text("mqtt.topic") ?? "camera"
        let discovery = values.text("mqtt.discovery") ?? "homeassistant"
        self.discovery = discovery == "none" ? nil : discovery
        let interval = values.text("mqtt.snapshot") ?? "60s"
        snapshotInterval = interval == "none" ? nil : try Parse.duration(interval)
    }

    /// The broker as messages name it.
    var address: String { "\(host):\(port)" }

    /// Where it is told whether the service is there.
    var statusTopic: String { "\(topic)/status" }

    /// Where something of a camera is told.
    func topic(of camera: String, _ what: String) -> String { "\(topic)/\(camera)/\(what)" }

    /// Where the recording of a camera is begun and ended: "ON" or "OFF".
    func commandTopic(of camera: String) -> String { topic(of: camera, "recording/set") }

    /// The camera that a topic has commands for; nil for another topic.
    func camera(ofCommands topic: String) -> String? {
        let (start, end) = ("\(self.topic)/", "/recording/set")
        guard topic.hasPrefix(start), topic.hasSuffix(end), topic.utf8.count > start.utf8.count + end.utf8.count else {
            return nil
        }
        let name = topic.dropFirst(start.count).dropLast(end.count)
        return name.contains("/") ? nil : String(name)
    }
}
