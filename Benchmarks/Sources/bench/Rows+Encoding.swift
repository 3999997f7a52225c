// SPDX-License-Identifier: MIT

/// Video encoded as fast as it goes.
extension Rows {
    func h264(_ preset: String, _ count: Int, of film: Programs.Film? = nil, _ megabits: Int = 8) -> Row {
        let film = film ?? hd1080
        let frames = frames(count)
        var goals: [Goal] = [
            .peers("wall", .atMost(1)), .peers("cpu", .atMost(1)),
            Goal("wall / libx264's loop", .atMost(1.05)) { $0.ours("wall") / $0.of("libx264", "loop") },
        ]
        if preset == "ultrafast" { goals.append(.peers("rss", .atMost(1))) }
        // Slices that are coded together share a frame's bits by how far each has come: a thread that the machine stalls
        // in the first frame makes 5 % more of 24 frames, in every program.
        return Row(
            name: "h264-\(film.height)-\(preset)", title: "H.264 \(film.height)p \(preset)", frames: frames,
            contenders: programs.h264(film, frames, preset: preset, megabits: megabits), goals: goals,
            equalBytes: 0.1)
    }

    /// What a container costs, and a second output.
    var mp4: Row {
        let (film, frames) = (hd1080, frames(700))
        let options = "--bitrate 8M --preset ultrafast --tune zerolatency --threads 2"
        let rate = "-b:v 8000k -maxrate 8000k -bufsize 8000k"
        let x264 = "-c:v libx264 -preset ultrafast -tune zerolatency \(rate) -threads 2"
        func camera(_ name: String, _ role: Contender.Role, _ file: String, _ more: String = "") -> Contender {
            let output = programs.output(file)
            return Contender(
                name, role, output: output, programs.camera(film, frames, to: output, "\(options) \(more)"))
        }
        func ffmpeg(_ name: String, _ file: String, _ flags: String) -> Contender {
            let output = programs.output(file)
            return Contender(
                name, .peer, output: output, programs.ffmpeg(film, frames, to: output, "\(x264) \(flags) -f mp4"))
        }
        let muxed = programs.output("gstreamer.mp4")
        let contenders = [
            camera("camera", .ours, "camera.mp4"), camera("camera, h264", .limit, "camera.h264"),
            camera("camera, two files", .limit, "one.mp4", "--also \(programs.output("two.mp4"))"),
            ffmpeg("ffmpeg, fragments", "fragments.mp4", "-movflags +frag_every_frame+empty_moov"),
            ffmpeg("ffmpeg", "ffmpeg.mp4", ""),
            Contender(
                "gstreamer", .peer, output: muxed,
                programs.gstreamer(
                    film, frames, to: muxed,
                    programs.gstreamerH264("ultrafast", 8000, threads: 2) + " ! h264parse ! mp4mux")),
        ]
        return Row(
            name: "mp4", title: "H.264 1080p ultrafast in MP4", frames: frames, contenders: contenders,
            goals: [
                Goal("wall / our h264's", .atMost(1.02)) { $0.ours("wall") / $0.of("camera, h264", "wall") },
                Goal("cpu / our h264's", .atMost(1.02)) { $0.ours("cpu") / $0.of("camera, h264", "cpu") },
                Goal("rss / our h264's", .atMost(1.04)) { $0.ours("rss") / $0.of("camera, h264", "rss") },
                Goal("cpu of two files / that of one", .atMost(1.05)) {
                    $0.of("camera, two files", "cpu") / $0.ours("cpu")
                },
                .peers("wall", .atMost(1)), .peers("cpu", .atMost(1)),
            ], equalBytes: 0.1)
    }

    var h265: Row {
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
    var mjpeg: Row {
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
}
