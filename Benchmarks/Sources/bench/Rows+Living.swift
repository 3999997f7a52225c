// SPDX-License-Identifier: MIT

import Glibc

/// What a camera that goes on costs: time, memory, delay.
extension Rows {
    func live(_ format: String, _ count: Int) -> Row {
        let (film, frames) = (hd1080, frames(count))
        let output = "/dev/null"
        let ours: String, ffmpeg: String, gstreamer: String
        var limit: Contender?
        switch format {
        case "h264":
            ours = "--format h264 --bitrate 8M --threads 1"
            ffmpeg = programs.ffmpegH264("ultrafast", 8000, threads: 1)
            gstreamer = programs.gstreamerH264("ultrafast", 8000, threads: 1)
            limit = Contender(
                "libx264", .limit, programs.limit("h264", film, frames, "--rate 30 --kilobits 8000 --output \(output)"))
        case "mjpeg":
            ours = "--raw-range full --format mjpeg --quality 85"
            ffmpeg = "-c:v mjpeg -q:v 3 -threads 2 -f mjpeg"
            gstreamer = "jpegenc quality=85"
            limit = Contender(
                "turbojpeg", .limit, programs.limit("mjpeg", film, frames, "--rate 30 --quality 85 --output \(output)"))
        default:
            ours = "--format nv12"
            ffmpeg = "-c:v rawvideo -f rawvideo"
            gstreamer = ""
        }
        let command = programs.camera(film, frames, to: output, paced: true, ours)
        let timed = Contender("camera, its calls timed", .limit, programs.preloading("TimeCalls", into: command))
        // A recording has three threads: the camera's, the encoder's and the callback's.
        let waking = Contender(
            "waking three threads", .limit, programs.limit("wake", film, frames, "--rate 30 --threads 2"))
        var goals: [Goal] = [
            .peers("cpu", .atMost(0.95)),
            Goal("cpu beyond codec, reading and writing", .atMost(100), unit: "µs a frame") {
                $0.of(timed.name, "beyond").map { $0 * 1e6 }
            },
        ]
        if format == "h264" { goals.append(.peers("rss", .atMost(1))) }
        return Row(
            name: "live-\(format)", title: "1080p30 as it happens to \(format)", frames: frames,
            contenders: [
                Contender("camera", .ours, command),
                Contender(
                    "ffmpeg", .peer,
                    programs.ffmpeg(film, frames, to: output, paced: true, fullRange: format == "mjpeg", ffmpeg)),
                Contender("gstreamer", .peer, programs.gstreamer(film, frames, to: output, paced: true, gstreamer)),
            ] + [limit, timed, waking].compactMap(\.self), goals: goals)
    }

    var latency: Row {
        let (film, frames, programs) = (hd720, frames(150), programs)
        func contender(_ name: String, _ role: Contender.Role, _ command: [String]) -> Contender {
            Contender(name, role) {
                try Latency(file: film.file, frameBytes: film.frameBytes, count: frames, rate: 30).measure(command)
            }
        }
        let raw = "-f rawvideo -pix_fmt nv12 -s \(film.size) -r 30 -i - "
        return Row(
            name: "latency", title: "720p30, frame in to last byte out", frames: frames,
            contenders: [
                contender("camera", .ours, [programs.workload, "pipe", "--size", film.size, "--bit-rate", "3000000"]),
                contender(
                    "ffmpeg", .peer,
                    programs.words(
                        "ffmpeg -v error -fflags nobuffer -flags low_delay -probesize 32 -analyzeduration 0 " + raw
                            + programs.ffmpegH264("ultrafast", 3000, threads: 1) + " -flush_packets 1 -")),
                contender(
                    "gstreamer", .peer,
                    programs.words(
                        "gst-launch-1.0 -q fdsrc blocksize=\(film.frameBytes) ! rawvideoparse format=nv12 "
                            + "width=\(film.width) height=\(film.height) framerate=30/1 ! "
                            + programs.gstreamerH264("ultrafast", 3000, threads: 1) + " ! fdsink sync=false")),
                contender("libx264", .limit, [programs.limit, "pipe", "--size", film.size, "--kilobits", "3000"]),
            ],
            goals: [
                Goal("median beyond libx264's", .atMost(1), unit: "ms") {
                    ($0.ours("median") - $0.of("libx264", "median")).map { $0 * 1000 }
                },
                .peers("median", .atMost(1)), .peers("p99", .atMost(1)), .peers("early", .atMost(1)),
            ])
    }

    var start: Row {
        let size = "640x480"
        // A container needs a name, which a pipe does not have.
        func throughFIFO(_ suffix: String) -> Contender {
            let fifo = programs.output("first.\(suffix)")
            let command = "'\(programs.camera)' record \(fifo) --camera test --size \(size) --fps 30 --frames 30"
            return Contender(
                "camera, \(suffix)", .limit,
                ["sh", "-c", "rm -f \(fifo); mkfifo \(fifo); \(command) & exec cat \(fifo)"]
            ).upToFirstByte()
        }
        return Row(
            name: "start", title: "exec to first byte of H.264, test picture", frames: 30,
            contenders: [
                Contender(
                    "camera", .ours,
                    [programs.camera]
                        + programs.words("record - --camera test --size \(size) --fps 30 --format h264 --frames 30")
                ).upToFirstByte(),
                Contender(
                    "ffmpeg", .peer,
                    programs.words(
                        "ffmpeg -v error -nostdin -f lavfi -i testsrc=size=\(size):rate=30 -frames:v 30 "
                            + "-pix_fmt yuv420p -c:v libx264 -preset ultrafast -tune zerolatency -f h264 -")
                ).upToFirstByte(),
                Contender(
                    "gstreamer", .peer,
                    programs.words(
                        "gst-launch-1.0 -q videotestsrc num-buffers=30 ! video/x-raw,width=640,height=480,framerate=30/1 "
                            + "! x264enc speed-preset=ultrafast tune=zerolatency ! fdsink")
                ).upToFirstByte(),
                throughFIFO("h264"), throughFIFO("mp4"),
            ],
            goals: [
                .peers("first", .atMost(1)),
                Goal("MP4 beyond H.264", .atMost(2), unit: "ms") {
                    ($0.of("camera, mp4", "first") - $0.of("camera, h264", "first")).map { $0 * 1000 }
                },
            ])
    }

    /// What a second output costs a recording that goes on.
    var liveOutputs: Row {
        let (film, frames) = (hd1080, frames(300))
        let options = "--bitrate 8M --preset ultrafast --tune zerolatency --threads 1"
        func camera(_ name: String, _ role: Contender.Role, _ more: String) -> Contender {
            Contender(
                name, role,
                programs.camera(film, frames, to: programs.output("\(role).mp4"), paced: true, options + more))
        }
        return Row(
            name: "live-outputs", title: "1080p30 as it happens to MP4 and a stream", frames: frames,
            contenders: [
                camera("camera", .ours, " --also \(Self.receiver.url)"),
                camera("camera, MP4 alone", .limit, ""),
            ],
            goals: [
                Goal("cpu / that of MP4 alone", .atMost(1.05)) { $0.ours("cpu") / $0.of("camera, MP4 alone", "cpu") }
            ])
    }

    private static let receiver = Receiver()

    /// The second hundred thousand frames: during the first the pools fill, each block up to its longest packet.
    var memory: Row {
        let (few, many) = (frames(100_000), frames(200_000))
        func contender(_ name: String, _ role: Contender.Role, _ frames: Int) -> Contender {
            Contender(
                name, role,
                [programs.camera]
                    + programs.words("record /dev/null --format h264 --camera test --size 160x120 --fps 30 --pace none")
                    + programs.words("--frames \(frames)"))
        }
        return Row(
            name: "memory", title: "Peak memory over \(many) frames", frames: many,
            contenders: [contender("camera", .ours, many), contender("camera, \(few) frames", .limit, few)],
            goals: [
                Goal("rss / that after \(few) frames", .atMost(1.02)) {
                    $0.ours("rss") / $0.of("camera, \(few) frames", "rss")
                }
            ])
    }

    func camera(_ device: String, _ format: String) -> Row {
        let (frames, size) = (frames(300), "640x360")
        let isRaw = format == "raw"
        let ffmpeg = isRaw ? "-c:v rawvideo -f rawvideo" : "-c:v mjpeg -q:v 3 -threads 2 -f mjpeg"
        let (output, statistics) = (programs.output("made"), programs.output("statistics"))
        var contenders = [
            Contender(
                "camera", .ours, statistics: statistics,
                [programs.camera, "record", output, "--camera", device, "--stats", statistics]
                    + programs.words("--raw-format nv12 --size \(size) --fps 30 --frames \(frames)")
                    + programs.words(isRaw ? "--format nv12" : "--format mjpeg --quality 85")),
            Contender(
                "ffmpeg", .peer,
                programs.words("ffmpeg -v error -nostdin -y -f v4l2 -input_format nv12 -video_size \(size)")
                    + programs.words("-framerate 30 -i \(device) -frames:v \(frames) \(ffmpeg)") + [output]),
        ]
        if isRaw {
            contenders.append(
                Contender(
                    "v4l2-ctl", .peer,
                    programs.words("v4l2-ctl -d \(device) --set-fmt-video=width=640,height=360,pixelformat=NV12")
                        + programs.words("--stream-mmap --stream-count=\(frames) --stream-to=\(output)")))
        }
        return Row(
            name: "v4l2-\(format)", title: "vivid 360p30 to \(isRaw ? "a file" : "mjpeg"), in the virtual machine",
            frames: frames, contenders: contenders,
            goals: [.peers("cpu", .atMost(1)), Goal("frames lost", .atMost(0)) { $0.ours("lost") }])
    }

    /// Small pictures, so that encoding them does not hide what a cut costs.
    func split(_ interval: Int) -> Row {
        let frames = max(frames([1: 2000, 10: 5000, 100: 20_000][interval] ?? 5000), 2 * interval + 1)
        let cuts = Double((frames - 1) / interval)
        func contender(_ name: String, _ role: Contender.Role, _ output: String, _ options: String) -> Contender {
            Contender(
                name, role,
                [programs.camera, "record", programs.output(output)]
                    + programs.words("--camera test --size 64x48 --fps 30 --pace none --frames \(frames)")
                    + programs.words("--bitrate 1M --threads 1 --keyframe-interval \(interval) \(options)"))
        }
        return Row(
            name: "split-\(interval)", title: "A cut every \(interval == 1 ? "frame" : "\(interval) frames")",
            frames: frames,
            contenders: [
                contender("camera", .ours, "{counter:05d}.h264", "--split \(interval)frames"),
                contender("without cuts", .limit, "whole.h264", ""),
            ],
            goals: [
                Goal("cpu a cut beyond its key frame", .atMost(150), unit: "µs") {
                    ($0.ours("cpu") - $0.of("without cuts", "cpu")).map { $0 * 1e6 / cuts }
                },
                Goal("wall a cut beyond its key frame", .atMost(150), unit: "µs") {
                    ($0.ours("wall") - $0.of("without cuts", "wall")).map { $0 * 1e6 / cuts }
                },
            ])
    }
}

/// A port that takes what is sent to it, and reads nothing.
private struct Receiver {
    let url: String

    init() {
        let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
            bind(socket, pointer, length)
            getsockname(socket, pointer, &length)
        }
        url = "udp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    }
}
