// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraKit

extension ConfigurationTable {
    /// The keys of `mqtt` and `hooks`: what others are told.
    package static let fleet: [ConfigurationKey] = [
        ConfigurationKey(
            "mqtt", "host", "NAME", example: "broker.example.org", "The broker's name or address; the section needs it"),
        ConfigurationKey(
            "mqtt", "port", "N", default: "1883, or 8883 with tls-ca", example: "1883", "Its port",
            check: Check.parsed(Parse.port)),
        ConfigurationKey("mqtt", "user", "NAME", example: "camera", "The user's name there"),
        ConfigurationKey(
            "mqtt", "password", "TEXT", example: "${file:/etc/camera/mqtt-password}", isSecret: true,
            "Its password; better by ${file:…} than as it is"),
        ConfigurationKey(
            "mqtt", "topic", "NAME", default: "camera", example: "camera",
            "What all topics begin with; each service needs one of its own", check: Check.topic),
        ConfigurationKey(
            "mqtt", "discovery", "NAME|none", default: "homeassistant", example: "homeassistant",
            "What the topics of Home Assistant's discovery begin with, or none", check: Check.topic),
        ConfigurationKey(
            "mqtt", "snapshot", "60s|none", unit: "seconds", default: "60s", example: "60s",
            "From one picture for the broker to the next, or none", check: Check.pause),
        ConfigurationKey(
            "mqtt", "tls-ca", "FILE", default: "no TLS", example: "/etc/ssl/certs/ca-certificates.crt",
            "Connect by TLS, and judge the broker by the certificates in this file"),
        ConfigurationKey(
            "hooks", "on-file", "COMMAND", example: "rclone move \"$CAMERA_FILE\" remote:clips",
            "A command of the shell for each finished file, one after the other"),
        ConfigurationKey(
            "hooks", "on-event", "COMMAND", example: "logger \"$CAMERA_NAME: $CAMERA_SUBJECT $CAMERA_EVENT\"",
            "A command of the shell for each event that is no file"),
        ConfigurationKey(
            "hooks", "post", "URL", example: "https://example.org/camera", isSecret: true,
            "An address that finished files and events are sent to as JSON by HTTP, with curl", check: Check.webAddress),
        ConfigurationKey(
            "hooks", "limit", "10m", unit: "seconds", default: "10m", example: "10m",
            "How long a command may take before it is killed", check: Check.parsed(Parse.duration)),
    ]
}

extension Check {
    /// A part of topics, which has no wildcards.
    @Sendable fileprivate static func topic(_ text: String) throws(CameraError) {
        let isPlain =
            text.utf8.count <= 128 && !text.contains { "+#".contains($0) || $0.asciiValue.map { $0 < 32 } ?? false }
        guard isPlain, !text.isEmpty, !text.hasPrefix("$"), !text.hasPrefix("/"), !text.hasSuffix("/") else {
            throw refusal("write a topic such as home/cameras, without + and #, and without / at its ends")
        }
    }

    /// A time between two pictures, or none.
    @Sendable fileprivate static func pause(_ text: String) throws(CameraError) {
        if text == "none" { return }
        guard try Parse.duration(text) >= .seconds(1) else { throw refusal("write 1s or longer, or none") }
    }

    /// An address of the web.
    @Sendable fileprivate static func webAddress(_ text: String) throws(CameraError) {
        let isPlain = !text.contains { $0.isWhitespace || "\"\\".contains($0) }
        guard isPlain, text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw refusal("write an address that begins with http:// or https://, with %20 for spaces")
        }
    }
}
