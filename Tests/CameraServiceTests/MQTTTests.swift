// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import CameraService
import Foundation
import Synchronization
import TestSupport
import Testing

/// What Debian's broker is told by a service, and what the service does when it is told something.
@Suite(.serialized) struct MQTTTests {
    private let folder: TemporaryFolder
    private let log = Log()

    /// The lines that a service has told.
    final class Log: Sendable {
        private let state = Mutex<[String]>([])

        var lines: [String] { state.withLock { $0 } }

        func add(_ line: String) { state.withLock { $0.append(line) } }
    }

    init() throws { folder = try TemporaryFolder() }

    private func write(_ mqtt: String, _ cameras: String...) throws {
        let text = """
            server: {port: 0, rtsp-port: none}
            mqtt: {\(mqtt)}
            defaults: {source: test, size: 160x96, fps: 30}
            cameras:
              \(cameras.joined(separator: "\n  "))
            """
        try Data(text.utf8).write(to: folder.file("service.yaml"), options: .atomic)
    }

    private func start() throws -> CameraService {
        let log = log
        let file = folder.path("service.yaml")
        return try CameraService(file: file, try Configuration(contentsOf: file), log: { log.add($0) })
    }

    private var hall: String {
        let template = folder.path("{camera}-{counter}.mp4")
        let events = folder.path("event-{counter}.mp4")
        return
            "hall: {record: {template: \"\(template)\", mode: trigger}, events: {template: \"\(events)\"}, motion: {}}"
    }

    @Test func homeAssistantIsToldOfEachEntity() throws {
        let broker = try Broker()
        try write("host: 127.0.0.1, port: \(broker.port), topic: house/cam, snapshot: 1s", hall, "yard: {}")
        let service = try start()
        let found = try broker.kept("homeassistant/#", count: 8)
        func payload(_ topic: String) throws -> NSDictionary {
            let text = try #require(found["homeassistant/\(topic)/config"], "\(topic) of \(found.keys)")
            return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
        }
        func expected(_ camera: String, _ object: String, _ more: [String: String]) -> NSDictionary {
            let identity = "house_cam_\(camera)"
            var all: [String: Any] = [
                "unique_id": "\(identity)_\(object)", "availability_topic": "house/cam/status",
                "device": [
                    "identifiers": [identity], "name": camera, "manufacturer": "swift-camera", "model": "Camera",
                    "sw_version": "0.1.0",
                ],
                "origin": ["name": "swift-camera", "sw_version": "0.1.0"],
            ]
            all.merge(more) { $1 }
            return all as NSDictionary
        }
        for camera in ["hall", "yard"] {
            let states = "house/cam/\(camera)"
            let connectivity = try payload("binary_sensor/house_cam_\(camera)/connectivity")
            #expect(
                connectivity
                    == expected(
                        camera, "connectivity",
                        [
                            "name": "Connectivity", "state_topic": "\(states)/connectivity",
                            "device_class": "connectivity", "entity_category": "diagnostic",
                        ]))
            let picture = try payload("camera/house_cam_\(camera)/picture")
            #expect(picture == expected(camera, "picture", ["name": "Picture", "topic": "\(states)/picture"]))
        }
        let motion = try payload("binary_sensor/house_cam_hall/motion")
        #expect(
            motion
                == expected(
                    "hall", "motion",
                    ["name": "Motion", "state_topic": "house/cam/hall/motion", "device_class": "motion"]))
        let recording = try payload("switch/house_cam_hall/recording")
        #expect(
            recording
                == expected(
                    "hall", "recording",
                    [
                        "name": "Recording", "state_topic": "house/cam/hall/recording", "icon": "mdi:record-rec",
                        "command_topic": "house/cam/hall/recording/set",
                    ]))
        let storage = [
            "state_topic": "house/cam/hall/storage", "state_class": "measurement", "entity_category": "diagnostic",
        ]
        let free = [
            "name": "Free space", "device_class": "data_size", "unit_of_measurement": "GB",
            "value_template": "{{ value_json.free }}",
        ]
        let used = [
            "name": "Used space", "unit_of_measurement": "%", "icon": "mdi:harddisk",
            "value_template": "{{ value_json.used }}",
        ]
        #expect(try payload("sensor/house_cam_hall/free") == expected("hall", "free", storage.merging(free) { $1 }))
        #expect(try payload("sensor/house_cam_hall/used") == expected("hall", "used", storage.merging(used) { $1 }))
        try service.stop()
    }

    @Test func statesPicturesAndStorageAreTold() throws {
        let broker = try Broker()
        try write("host: 127.0.0.1, port: \(broker.port), snapshot: 1s", hall)
        let service = try start()
        #expect(try broker.comes("camera/status", "online"))
        #expect(try broker.comes("camera/hall/connectivity", "ON"))
        #expect(try broker.text("camera/hall/recording") == "OFF")
        // The test camera's picture moves all the time.
        #expect(try broker.comes("camera/hall/motion", "ON"))
        let picture = try #require(try broker.payload("camera/hall/picture"))
        try picture.write(to: folder.file("picture.jpg"))
        #expect(try run("identify", [folder.path("picture.jpg")]).text.contains("JPEG 160x96"))
        let text = try #require(try broker.text("camera/hall/storage"))
        let storage = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Double])
        let rest = storage["total", default: 0] - storage["free", default: 0]
        #expect(storage["total", default: 0] > 0 && rest >= 0 && storage["used", default: 0] <= 100)
        try service.stop()
        #expect(try broker.comes("camera/status", "offline"))
        #expect(try broker.text("camera/hall/connectivity") == "OFF")
    }

    @Test func theSwitchBeginsAndEndsARecording() throws {
        let broker = try Broker()
        try broker.publish("camera/hall/recording/set", "ON", isRetained: true)
        try write("host: 127.0.0.1, port: \(broker.port), snapshot: none", hall)
        let service = try start()
        #expect(try broker.comes("camera/hall/connectivity", "ON"))
        // The retained command was an old one. What comes behind it is not.
        try broker.publish("camera/hall/recording/set", "what")
        #expect(try broker.text("camera/hall/recording") == "OFF")
        try broker.publish("camera/hall/recording/set", "ON")
        #expect(try broker.comes("camera/hall/recording", "ON"))
        #expect(eventually { folder.names.contains("hall-1.mp4") })
        try broker.publish("camera/hall/recording/set", "OFF")
        #expect(try broker.comes("camera/hall/recording", "OFF"))
        #expect(!folder.names.contains("hall-2.mp4"))
        let probed = try run(
            "ffprobe", ["-v", "error", "-show_entries", "stream=codec_name", folder.path("hall-1.mp4")])
        #expect(probed.status == 0 && probed.text.contains("h264"))
        #expect(!log.lines.contains { $0.contains("hooks") })
        try service.stop()
    }

    @Test func aBrokerThatForgotAllIsToldAgain() throws {
        let broker = try Broker()
        try write("host: 127.0.0.1, port: \(broker.port), snapshot: none", hall, "yard: {}")
        let service = try start()
        #expect(try broker.comes("camera/yard/connectivity", "ON"))
        broker.kill()
        #expect(eventually { log.lines.contains { $0.contains("tried again") } })
        try broker.start()
        #expect(try broker.comes("camera/status", "online"))
        #expect(try broker.comes("camera/yard/connectivity", "ON"))
        #expect(try broker.kept("homeassistant/#", count: 5).count == 5)
        // It obeys again as well.
        try broker.publish("camera/hall/recording/set", "ON")
        #expect(try broker.comes("camera/hall/recording", "ON"))
        #expect(log.lines.count { $0.contains("tried again") } == 1, "\(log.lines)")
        try service.stop()
    }

    @Test func theLastWillIsToldOfAServiceThatWasKilled() throws {
        let broker = try Broker()
        try write("host: 127.0.0.1, port: \(broker.port), snapshot: none", "yard: {}")
        let program = try RunningService(["service.yaml"], in: folder)
        #expect(program.firstLine().hasPrefix("http://"))
        #expect(try broker.comes("camera/status", "online"))
        program.send(SIGKILL)
        #expect(try broker.comes("camera/status", "offline"))
        _ = program.end()
        // The will of another that had the topic is contradicted.
        let service = try start()
        #expect(try broker.comes("camera/status", "online"))
        try broker.publish("camera/status", "offline", isRetained: true)
        #expect(try broker.comes("camera/status", "online"))
        try service.stop()
    }

    @Test func aCameraThatIsGoneIsForgotten() throws {
        let broker = try Broker()
        try write("host: 127.0.0.1, port: \(broker.port), snapshot: none", hall, "yard: {}")
        let service = try start()
        #expect(try broker.comes("camera/yard/connectivity", "ON"))
        #expect(try broker.comes("camera/hall/connectivity", "ON"))
        try write("host: 127.0.0.1, port: \(broker.port), snapshot: none", "yard: {}")
        _ = try service.reload()
        #expect(
            try eventually {
                try broker.topics("camera/#") == ["camera/status", "camera/yard/connectivity", "camera/yard/recording"]
            })
        #expect(try broker.topics("homeassistant/#") == ["homeassistant/binary_sensor/camera_yard/connectivity/config"])
        // Another broker, while the cameras run on.
        let other = try Broker()
        try write("host: 127.0.0.1, port: \(other.port), snapshot: none, discovery: none", "yard: {}")
        #expect(try service.reload().kept == ["yard"])
        #expect(try broker.comes("camera/status", "offline"))
        #expect(try other.comes("camera/yard/connectivity", "ON"))
        #expect(try other.topics("homeassistant/#") == [])
        try service.stop()
    }

    @Test func passwordsAndCertificatesAreUsedAndNeverTold() throws {
        let openssl = try run(
            "openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-keyout", folder.path("key.pem"), "-out", folder.path("cert.pem"),
                "-addext", "subjectAltName=IP:127.0.0.1",
            ])
        #expect(openssl.status == 0)
        _ = try run("mosquitto_passwd", ["-b", "-c", folder.path("passwords"), "cam", "geheim7"])
        let lines = """
            certfile \(folder.path("cert.pem"))
            keyfile \(folder.path("key.pem"))
            allow_anonymous false
            password_file \(folder.path("passwords"))
            """
        let client = ["--cafile", folder.path("cert.pem"), "-u", "cam", "-P", "geheim7"]
        let broker = try Broker(lines, client: client)
        try Data("falsch8\n".utf8).write(to: folder.file("password"))
        let secret = "user: cam, password: \"${file:\(folder.path("password"))}\""
        try write(
            "host: 127.0.0.1, port: \(broker.port), \(secret), tls-ca: \(folder.path("cert.pem")), snapshot: none",
            "yard: {}")
        let service = try start()
        #expect(eventually { log.lines.contains { $0.contains("not authorised") } }, "\(log.lines)")
        try Data("geheim7\n".utf8).write(to: folder.file("password"))
        _ = try service.reload()
        #expect(try broker.comes("camera/yard/connectivity", "ON"))
        try service.stop()
        #expect(!log.lines.contains { $0.contains("geheim7") || $0.contains("falsch8") })
        let checked = try run(Program.camera, ["serve", folder.path("service.yaml"), "--check"])
        #expect(checked.text.contains("mqtt.password: ${file:"))
        #expect(!checked.text.contains("geheim7"))
    }
}
#endif
