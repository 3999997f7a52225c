// SPDX-License-Identifier: MIT

/// Pictures, raw frames and their conversion.
extension Rows {
    /// Pictures of frames that are in memory already, within the library.
    func still(_ name: String, _ width: Int, _ height: Int, _ count: Int) -> Row {
        let (film, frames) = (programs.film(name, width, height), frames(count * (width > 2000 ? 1 : 6)))
        return Row(
            name: "still-\(name)", title: "JPEG pictures \(width)x\(height), from memory", frames: frames,
            contenders: [
                Contender("camera", .ours, workload("stills", film, frames)),
                Contender("turbojpeg", .limit, programs.limit("mjpeg", film, frames, "--quality 85 --threads 1")),
            ],
            goals: [Goal("rate / turbojpeg's loop", .atLeast(0.9)) { $0.of("turbojpeg", "loop") / $0.ours("loop") }])
    }

    var raw: Row {
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

    var conversion: Row {
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
            ], goals: [.rate(.atLeast(1.3)), .peers("cpu", .atMost(1))])
    }

    /// The same within the library: frames that are in memory already, as libyuv alone has them.
    var conversionInside: Row {
        let film = programs.film("1080", 1920, 1080, "yuyv")
        let frames = frames(10_000)
        return Row(
            name: "conversion-inside", title: "YUYV 1080p to yuv420, from memory", frames: frames,
            contenders: [
                Contender("camera", .ours, workload("conversion", film, frames)),
                Contender("libyuv", .limit, programs.limit("yuyv", film, frames, "")),
            ],
            goals: [Goal("rate / libyuv's loop", .atLeast(0.9)) { $0.of("libyuv", "loop") / $0.ours("loop") }],
            equalBytes: 0)
    }

    /// MJPEG within the library: frames that are in memory already, as libjpeg alone has them.
    var mjpegInside: Row {
        let (film, frames) = (hd1080, frames(1000))
        return Row(
            name: "mjpeg-inside", title: "MJPEG 1080p quality 85, from memory", frames: frames,
            contenders: [
                Contender("camera", .ours, workload("motion-jpeg", film, frames)),
                Contender("turbojpeg", .limit, programs.limit("mjpeg", film, frames, "--quality 85 --threads 2")),
            ],
            goals: [Goal("rate / turbojpeg's loop", .atLeast(0.9)) { $0.of("turbojpeg", "loop") / $0.ours("loop") }],
            equalBytes: 0.02)
    }

    private func workload(_ name: String, _ film: Programs.Film, _ frames: Int) -> [String] {
        [programs.workload, name, "--file", film.file] + programs.words("--size \(film.size) --frames \(frames)")
    }
}
