// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraKit

/// All keys of a configuration: the one place from which the reader of files, the help and the documentation take them.
package enum ConfigurationTable {
    /// A part of the file.
    package struct Section: Sendable {
        /// Its key; empty for what stands in a camera itself.
        package let name: String
        /// What it is for: a sentence without its full stop.
        package let words: String
    }

    /// The keys of the whole file.
    package static let top = [
        Section(name: "server", words: "Where the service listens, and for whom"),
        Section(name: "mqtt", words: "A broker of MQTT that is told of the cameras, and that they obey"),
        Section(name: "hooks", words: "What is done for each finished file and each event"),
        Section(name: "defaults", words: "What holds for every camera that does not say otherwise"),
        Section(name: "cameras", words: "The cameras, each by the name that stands in its addresses"),
    ]

    /// The sections of a camera.
    package static let sections = [
        Section(name: "", words: "What a camera is"),
        Section(name: "settings", words: "Settings and controls, by the names that 'camera controls' lists"),
        Section(name: "drawing", words: "What is done to pictures before they are encoded"),
        Section(name: "encoding", words: "How live pictures and recordings are encoded"),
        Section(name: "record", words: "Files that are recorded one after the other"),
        Section(name: "events", words: "Files of events, with pictures from before them, which are kept in memory"),
        Section(name: "motion", words: "Takes movement in the pictures for an event; it needs 'events'"),
        Section(name: "retention", words: "How much of the files is kept, of recordings and of events each"),
        Section(name: "timelapse", words: "Pictures at equal intervals"),
        Section(name: "stills", words: "Pictures at times of the day"),
    ]

    /// The keys of `server`.
    package static let server: [ConfigurationKey] = [
        ConfigurationKey(
            "server", "address", "ADDRESS", default: "127.0.0.1", example: "0.0.0.0",
            "The address to listen on: 127.0.0.1 is this machine alone; others need a password"),
        ConfigurationKey(
            "server", "port", "N", default: "8080", example: "8080",
            "The port of the page and the API; 0 for a free one", check: Check.parsed(Parse.port)),
        ConfigurationKey(
            "server", "rtsp-port", "N|none", default: "8554", example: "none", "The port of RTSP",
            check: Check.parsed(NetworkOptions.RTSPPort.init(parsing:))),
        ConfigurationKey(
            "server", "password", "TEXT", default: "CAMERA_PASSWORD of the environment, or none",
            example: "${file:/etc/camera/password}", isSecret: true,
            "What clients must know; better by ${file:…} or password-file than as it is"),
        ConfigurationKey(
            "server", "password-file", "FILE", example: "/etc/camera/password",
            "A file whose first line is the password"),
        ConfigurationKey(
            "server", "host-names", "NAME", form: .list, default: "its addresses, localhost, the machine's name",
            example: "cam.example.org", "Names by which browsers call the server, such as that of a reverse proxy"),
        ConfigurationKey(
            "server", "catalog", "FILE|none", default: "catalog.sqlite in systemd's state directory, else none",
            example: "/var/lib/camera/catalog.sqlite",
            "Keeps account of all files, gaps and events, and finishes files that a crash has left"),
    ]

    /// The keys of a camera, in the order of the sections.
    package static let camera: [ConfigurationKey] = source + drawing + encoding + recordings + pictures

    /// The keys of a section of a camera.
    package static func keys(of section: String) -> [ConfigurationKey] { camera.filter { $0.section == section } }

    private static let source: [ConfigurationKey] = [
        ConfigurationKey(
            "", "source", "auto|test|/dev/videoN|libcamera[:ID]|FILE", default: "auto", example: "/dev/video0",
            "The camera, as --camera of 'camera record' takes it"),
        ConfigurationKey(
            "", "raw-format", "nv12|yuv420|yuyv|mjpeg|…", default: "the cheapest", example: "mjpeg", option: .source,
            "The layout of the frames to ask the camera for", check: Check.parsed(Parse.rawFormat)),
        ConfigurationKey(
            "", "raw-range", "limited|full", default: "limited", example: "full", option: .source,
            "The span of the numbers in a raw file", check: Check.choice(["limited", "full"])),
        ConfigurationKey(
            "", "size", "WxH", unit: "pixels", default: "the nearest to 1280x720", example: "1280x720", option: .source,
            "The size of the frames", check: Check.parsed(Resolution.init(parsing:))),
        ConfigurationKey(
            "", "fps", "N", unit: "1/s", default: "the nearest to 30", example: "30", option: .source,
            "Frames per second", check: Check.parsed(FrameRate.init(parsing:))),
        ConfigurationKey(
            "", "stall", "3s", unit: "seconds", default: "3s, or four frames if that is longer", example: "5s",
            option: .source, "How long it may give no frame before it is opened again",
            check: Check.parsed(Parse.duration)),
        ConfigurationKey(
            "", "publish", "rtmp://SERVER/live/{camera}", form: .list,
            example: "rtmp://relay.example.org/live/{camera}",
            "Servers that recordings are sent to as well; {camera} stands for its name", check: Check.address),
        ConfigurationKey(
            "settings", "NAME", "VALUE", form: .map, default: "the device's", example: "50",
            "A setting by picamera's name, or a control by the driver's (native:NAME where both exist); set before the "
                + "first frame"),
    ]

    private static let encoding: [ConfigurationKey] = [
        ConfigurationKey(
            "encoding", "format", "h264|h265", default: "h264", example: "h265", option: .encoding, "The format",
            check: Check.choice(["h264", "h265"])),
        ConfigurationKey(
            "encoding", "bitrate", "500k|8M", unit: "bits/s", default: "by quality", example: "4M", option: .encoding,
            "Bits per second; k, M and G are 10^3, 10^6 and 10^9", check: Check.parsed(Parse.bitRate)),
        ConfigurationKey(
            "encoding", "quality", "0…51", default: "the encoder's", example: "23", option: .encoding,
            "The constant rate factor: lower is better and larger", check: Check.integer(0...51)),
        ConfigurationKey(
            "encoding", "vbv", "auto|none", default: "auto", example: "none", option: .encoding,
            "The buffer that rate control keeps to: a second, or none", check: Check.parsed(Parse.vbv)),
        ConfigurationKey(
            "encoding", "preset", "ultrafast|…|slower", default: "ultrafast", example: "veryfast", option: .encoding,
            "Speed against size, by x264's and x265's names"),
        ConfigurationKey(
            "encoding", "tune", "zerolatency|…", default: "zerolatency", example: "zerolatency", option: .encoding,
            "What to tune for, by their names, or none"),
        ConfigurationKey(
            "encoding", "profile", "baseline|constrained|main|high", default: "high, or main of H.265", example: "main",
            option: .encoding, "The profile"),
        ConfigurationKey(
            "encoding", "level", "4.1", default: "by size and rate", example: "4.1", option: .encoding, "The level"),
        ConfigurationKey(
            "encoding", "keyframe-interval", "N", unit: "frames", default: "250", example: "30", option: .encoding,
            "The most frames from one key frame to the next", check: Check.integer(0...100_000)),
        ConfigurationKey(
            "encoding", "codec-device", "none|/dev/videoN", default: "one that can", example: "none",
            option: .encoding, "Encode in software, or by this encoder of the kernel",
            check: Check.parsed(Parse.codecDevice)),
        ConfigurationKey(
            "encoding", "threads", "N", default: "by the machine", example: "2", option: .encoding,
            "Threads that encode", check: Check.integer(1...256)),
    ]
}
