// SPDX-License-Identifier: MIT

/// All rows, at a length of which 1 is five seconds of work and more on a machine with two slow cores.
struct Rows {
    let programs: Programs
    let runner: Runner
    let length: Double
    /// A camera that ffmpeg and v4l2-ctl can use too; nil where there is none.
    let device: String?

    var all: [Row] {
        if let device { return [camera(device, "raw"), camera(device, "mjpeg")] }
        let encoding = [
            h264("ultrafast", 700), h264("superfast", 600), h264("medium", 150), h264("ultrafast", 1000, of: hd720, 3),
            h265, mjpeg,
        ]
        let pictures = [still("1080", 1920, 1080, 60), still("12mp", 4000, 3000, 60), raw, conversion]
        let living = [live("h264", 150), live("mjpeg", 150), live("raw", 150), latency, start, memory]
        let many = [recordings(4), recordings(16), cameras(4), cameras(16)]
        let inside = [instructions, allocations("nv12", []), allocations("h264", ["libx264"])]
        return encoding + pictures + living + many + [split(1), split(10), split(100)] + inside
    }

    private var hd1080: Programs.Film { programs.film("1080", 1920, 1080) }
    private var hd720: Programs.Film { programs.film("720", 1280, 720) }
    private var small: Programs.Film { programs.film("360", 640, 360) }

    private func frames(_ count: Int) -> Int { max(Int(Double(count) * length), 24) }

    // MARK: - Encoding

    private func h264(_ preset: String, _ count: Int, of film: Programs.Film? = nil, _ megabits: Int = 8) -> Row {
        let film = film ?? hd1080
        let frames = frames(count)
        var goals: [Goal] = [
            .peers("wall", .atMost(1)), .peers("cpu", .atMost(1)),
            Goal("wall / libx264's loop", .atMost(1.05)) { $0.ours("wall") / $0.of("libx264", "loop") },
        ]
        if preset == "ultrafast" { goals.append(.peers("rss", .atMost(1))) }
        return Row(
            name: "h264-\(film.height)-\(preset)", title: "H.264 \(film.height)p \(preset)", frames: frames,
            contenders: programs.h264(film, frames, preset: preset, megabits: megabits), goals: goals, equalBytes: 0.03)
    }

    private var h265: Row {
        let (film, frames) = (hd720, frames(200))
        let x265 = "-c:v libx265 -preset ultrafast -tune zerolatency -b:v 3000k -x265-params"
        let rate = "vbv-maxrate=3000:vbv-bufsize=3000:log-level=none"
        let contenders = [
            Contender(
                "camera", .ours, output: programs.output("camera.h265"),
                programs.camera(
                    film, frames, to: programs.output("camera.h265"),
                    "--bitrate 3M --preset ultrafast --tune zerolatency")),
            Contender(
                "ffmpeg", .peer, output: programs.output("ffmpeg.h265"),
                programs.ffmpeg(film, frames, to: programs.output("ffmpeg.h265"), "\(x265) \(rate) -f hevc")),
            Contender(
                "gstreamer", .peer, output: programs.output("gstreamer.h265"),
                programs.gstreamer(
                    film, frames, to: programs.output("gstreamer.h265"),
                    "videoconvert ! x265enc speed-preset=ultrafast tune=zerolatency bitrate=3000 key-int-max=250 "
                        + "option-string=vbv-maxrate=3000:vbv-bufsize=3000")),
            Contender("libx265", .limit, programs.limit("h265", film, frames, "--kilobits 3000")),
        ]
        return Row(
            name: "h265", title: "H.265 720p ultrafast", frames: frames, contenders: contenders,
            goals: [
                .peers("wall", .atMost(1)),
                Goal("wall / libx265's loop", .atMost(1.05)) { $0.ours("wall") / $0.of("libx265", "loop") },
            ], equalBytes: 0.05)
    }

    /// The footage is said to have the range of JPEG: GStreamer does not stretch it, and would do less than the others.
    private var mjpeg: Row {
        let (film, frames) = (hd1080, frames(700))
        let contenders = [
            Contender(
                "camera", .ours, output: programs.output("camera.mjpeg"),
                programs.camera(
                    film, frames, to: programs.output("camera.mjpeg"), "--raw-range full --quality 85 --threads 2")),
            // It has no such scale. The nearest of its steps is 5 % shorter, the next one 45 % longer; with Huffman's tables
            // of the standard, as the others have them.
            Contender(
                "ffmpeg", .peer, output: programs.output("ffmpeg.mjpeg"),
                programs.ffmpeg(
                    film, frames, to: programs.output("ffmpeg.mjpeg"), fullRange: true,
                    "-c:v mjpeg -q:v 2 -huffman default -threads 2 -f mjpeg")),
            Contender(
                "gstreamer", .peer, output: programs.output("gstreamer.mjpeg"),
                programs.gstreamer(film, frames, to: programs.output("gstreamer.mjpeg"), "jpegenc quality=85")),
            Contender("turbojpeg", .limit, programs.limit("mjpeg", film, frames, "--quality 85 --threads 2")),
        ]
        return Row(
            name: "mjpeg", title: "MJPEG 1080p quality 85", frames: frames, contenders: contenders,
            goals: [
                .rate(.atLeast(2.2)),
                Goal("rate / turbojpeg's loop", .atLeast(0.9)) { $0.of("turbojpeg", "loop") / $0.ours("wall") },
                .peers("cpu", .atMost(1)),
            ], equalBytes: 0.06)
    }

    // MARK: - Pictures and raw frames

    private func still(_ name: String, _ width: Int, _ height: Int, _ count: Int) -> Row {
        let (film, frames) = (programs.film(name, width, height), frames(count * (width > 2000 ? 1 : 6)))
        return Row(
            name: "still-\(name)", title: "JPEG pictures \(width)x\(height)", frames: frames,
            contenders: [
                Contender(
                    "camera", .ours,
                    [programs.workload, "stills", "--file", film.file]
                        + programs.words("--size \(film.size) --frames \(frames)")),
                Contender("turbojpeg", .limit, programs.limit("mjpeg", film, frames, "--quality 85 --threads 1")),
            ],
            goals: [Goal("rate / turbojpeg's loop", .atLeast(0.9)) { $0.of("turbojpeg", "loop") / $0.ours("loop") }])
    }

    private var raw: Row {
        let (film, frames) = (hd1080, frames(700))
        return Row(
            name: "raw", title: "NV12 1080p, file to file in memory", frames: frames,
            contenders: [
                Contender(
                    "camera", .ours, output: programs.output("camera.nv12"),
                    programs.camera(film, frames, to: programs.output("camera.nv12"), "")),
                Contender(
                    "ffmpeg", .peer, output: programs.output("ffmpeg.nv12"),
                    programs.ffmpeg(film, frames, to: programs.output("ffmpeg.nv12"), "-c:v rawvideo -f rawvideo")),
                Contender(
                    "gstreamer", .peer, output: programs.output("gstreamer.nv12"),
                    programs.gstreamer(film, frames, to: programs.output("gstreamer.nv12"), "")),
                Contender(
                    "write alone", .limit,
                    programs.limit("write", film, frames, "--output \(programs.output("limit.nv12"))")),
            ],
            goals: [
                .rate(.atLeast(1.3)), .peers("cpu", .atMost(1)),
                Goal("rate / that of writing alone", .atLeast(0.9)) {
                    $0.of("write alone", "loop") / $0.ours("wall")
                },
            ], equalBytes: 0, warmBytes: (frames + frames / 4) * film.frameBytes)
    }

    private var conversion: Row {
        let film = programs.film("1080", 1920, 1080, "yuyv")
        let frames = frames(450)
        return Row(
            name: "conversion", title: "YUYV 1080p to yuv420", frames: frames,
            contenders: [
                Contender(
                    "camera", .ours,
                    programs.camera(film, frames, to: "/dev/null", "--format yuv420")),
                Contender(
                    "ffmpeg", .peer,
                    programs.ffmpeg(film, frames, to: "/dev/null", "-pix_fmt yuv420p -c:v rawvideo -f rawvideo")),
                Contender(
                    "gstreamer", .peer,
                    programs.gstreamer(
                        film, frames, to: "/dev/null", "videoconvert ! video/x-raw,format=I420")),
                Contender("libyuv", .limit, programs.limit("yuyv", film, frames, "")),
            ],
            goals: [
                .rate(.atLeast(1.3)), .peers("cpu", .atMost(1)),
                Goal("rate / libyuv's loop", .atLeast(0.9)) { $0.of("libyuv", "loop") / $0.ours("wall") },
            ])
    }

    // MARK: - Living

    private func live(_ format: String, _ count: Int) -> Row {
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
        let contenders = [
            Contender("camera", .ours, programs.camera(film, frames, to: output, paced: true, ours)),
            Contender(
                "ffmpeg", .peer,
                programs.ffmpeg(film, frames, to: output, paced: true, fullRange: format == "mjpeg", ffmpeg)),
            Contender("gstreamer", .peer, programs.gstreamer(film, frames, to: output, paced: true, gstreamer)),
        ]
        var goals: [Goal] = [.peers("cpu", .atMost(0.95))]
        var limits: [Contender] = []
        if format == "h264" { goals.append(.peers("rss", .atMost(1))) }
        if let limit {
            let twice = "camera, twice as long"
            limits = [
                limit, Contender(twice, .limit, programs.camera(film, 2 * frames, to: output, paced: true, ours)),
            ]
            // The difference of two lengths leaves starting and ending out.
            goals.append(
                Goal("cpu beyond codec, reading and writing", .atMost(100), unit: "µs a frame") {
                    ($0.of(twice, "cpu") - $0.ours("cpu") - $0.of(limit.name, "loop_cpu")).map {
                        $0 * 1e6 / Double(frames)
                    }
                })
        }
        return Row(
            name: "live-\(format)", title: "1080p30 as it happens to \(format)", frames: frames,
            contenders: contenders + limits, goals: goals)
    }

    private var latency: Row {
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

    private var start: Row {
        let size = "640x480"
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
            ],
            goals: [.peers("first", .atMost(1))])
    }

    private var memory: Row {
        let (few, many) = (frames(10_000), frames(100_000))
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

    // MARK: - Inside

    private func perFrame(_ options: String) -> PerFrame {
        let (film, programs) = (hd1080, programs)
        return PerFrame(programs: programs, runner: runner) {
            programs.camera(film, $0, to: "/dev/null", options)
        }
    }

    private var instructions: Row {
        let (frames, raw) = (max(frames(50), 20), perFrame("--format nv12"))
        return Row(
            name: "instructions", title: "Instructions a raw frame", frames: frames,
            contenders: [Contender("camera", .ours) { try raw.instructions(frames: frames) }], goals: [])
    }

    private func allocations(_ format: String, _ codecs: [String]) -> Row {
        let frames = max(frames(500), 50)
        let command = perFrame("--format \(format)" + (format == "h264" ? " --bitrate 8M --threads 1" : ""))
        return Row(
            name: "allocations-\(format)", title: "Calls of malloc a frame to \(format), without the codec's",
            frames: frames,
            contenders: [
                Contender("camera", .ours) { try command.allocations(frames: frames, except: codecs) }
            ],
            goals: [Goal("calls a frame", .atMost(0)) { $0.ours("allocations") }])
    }

    // MARK: - A camera of the kernel

    private func camera(_ device: String, _ format: String) -> Row {
        let (frames, size) = (frames(150), "640x360")
        let isRaw = format == "raw"
        let ffmpeg = isRaw ? "-c:v rawvideo -f rawvideo" : "-c:v mjpeg -q:v 3 -threads 2 -f mjpeg"
        let output = programs.output("made")
        var contenders = [
            Contender(
                "camera", .ours,
                [programs.camera, "record", output, "--camera", device]
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
            frames: frames, contenders: contenders, goals: [.peers("cpu", .atMost(1))])
    }

    // MARK: - Many at once

    private func recordings(_ count: Int) -> Row {
        let (film, frames) = (small, frames(1400))
        func ours(_ count: Int) -> [String] {
            [programs.workload, "recordings", "--file", film.file]
                + programs.words("--size \(film.size) --frames \(frames) --count \(count) --folder \(programs.outputs)")
        }
        let each = programs.ffmpegH264("ultrafast", 1000, threads: 1)
        let head = programs.ffmpeg(film, frames, to: "", "").dropLast(3)
        let outputs = (1...count).flatMap {
            programs.words("-map 0:v -frames:v \(frames) \(each)") + [programs.output("\($0).h264")]
        }
        let tee =
            programs.gstreamer(film, frames, to: "", "tee name=t").dropLast(3)
            + (1...count).flatMap {
                programs.words("t. ! queue ! \(programs.gstreamerH264("ultrafast", 1000, threads: 1)) ! filesink")
                    + ["location=\(programs.output("\($0).h264"))"]
            }
        return Row(
            name: "recordings-\(count)", title: "\(count) recordings of one camera, 360p", frames: frames,
            contenders: [
                Contender("camera", .ours, ours(count)), Contender("camera, one", .limit, ours(1)),
                Contender("ffmpeg", .peer, Array(head) + outputs), Contender("gstreamer", .peer, Array(tee)),
            ], goals: manyGoals(count))
    }

    private func cameras(_ count: Int) -> Row {
        let (film, frames) = (small, frames(1400))
        func ours(_ count: Int) -> [String] {
            [programs.workload, "cameras", "--file", film.file]
                + programs.words("--size \(film.size) --frames \(frames) --count \(count) --folder \(programs.outputs)")
        }
        func together(_ command: (Int) -> [String]) -> [String] {
            let commands = (1...count).map { command($0).map { "'\($0)'" }.joined(separator: " ") + " &" }
            return ["sh", "-c", commands.joined(separator: "\n") + "\nwait"]
        }
        let each = programs.ffmpegH264("ultrafast", 1000, threads: 1)
        let gstreamer = programs.gstreamerH264("ultrafast", 1000, threads: 1)
        let peers = [
            Contender(
                "ffmpeg", .peer, together { programs.ffmpeg(film, frames, to: programs.output("\($0).h264"), each) }),
            Contender(
                "gstreamer", .peer,
                together { programs.gstreamer(film, frames, to: programs.output("\($0).h264"), gstreamer) }),
        ]
        return Row(
            name: "cameras-\(count)", title: "\(count) cameras in a process, \(count) processes of the peers, 360p",
            frames: frames,
            contenders: [Contender("camera", .ours, ours(count)), Contender("camera, one", .limit, ours(1))] + peers,
            goals: manyGoals(count, processes: count))
    }

    private func manyGoals(_ count: Int, processes: Int = 1) -> [Goal] {
        [
            Goal("cpu / \(count) times that of one", .atMost(1)) {
                $0.ours("cpu") / $0.of("camera, one", "cpu").map { $0 * Double(count) }
            },
            .peers("cpu", .atMost(1)),
            // What a shell waited for tells the memory of its largest process.
            Goal("rss / best peer's", .atMost(1)) {
                $0.ours("rss") / $0.bestPeer("rss").map { $0 * Double(processes) }
            },
        ]
    }

    // MARK: - Cutting

    /// Small pictures, so that encoding them does not hide what a cut costs.
    private func split(_ interval: Int) -> Row {
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
