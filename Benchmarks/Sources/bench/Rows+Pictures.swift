// SPDX-License-Identifier: MIT

/// Pictures, raw frames and their conversion.
extension Rows {
    func still(_ name: String, _ width: Int, _ height: Int, _ count: Int) -> Row {
        fromMemory(
            "still-\(name)", "JPEG pictures \(width)x\(height)", programs.film(name, width, height),
            frames(count), by: "stills", against: "turbojpeg",
            "mjpeg", "--quality 85 --threads 1", equalBytes: 0.02)
    }

    var mjpegInside: Row {
        fromMemory(
            "mjpeg-inside", "MJPEG 1080p quality 85", hd1080, frames(1000), by: "motion-jpeg", against: "turbojpeg",
            "mjpeg", "--quality 85 --threads 2", equalBytes: 0.02)
    }

    var conversionInside: Row {
        fromMemory(
            "conversion-inside", "YUYV 1080p to yuv420", programs.film("1080", 1920, 1080, "yuyv"), frames(10_000),
            by: "conversion", against: "libyuv", "yuyv", "", equalBytes: 0)
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

    /// Work within the library, on frames that are in memory already, as the bare library has them.
    private func fromMemory(
        _ name: String, _ title: String, _ film: Programs.Film, _ frames: Int, by workload: String,
        against library: String, _ mode: String, _ options: String, equalBytes: Double
    ) -> Row {
        let ours =
            [programs.workload, workload, "--file", film.file]
            + programs.words("--size \(film.size) --frames \(frames)")
        return Row(
            name: name, title: "\(title), from memory", frames: frames,
            contenders: [
                Contender("camera", .ours, ours),
                Contender(library, .limit, programs.limit(mode, film, frames, options)),
            ],
            goals: [Goal("rate / \(library)'s loop", .atLeast(0.9)) { $0.of(library, "loop") / $0.ours("loop") }],
            equalBytes: equalBytes)
    }
}
