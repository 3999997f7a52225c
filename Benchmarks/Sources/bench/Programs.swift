// SPDX-License-Identifier: MIT

/// The programs that take part, and how each is told to do the same work.
struct Programs {
    /// The tool of this project.
    let camera: String
    /// The folder with `limit` and `workload`.
    let folder: String
    /// The folder with the footage.
    let footage: String
    /// Where outputs go: memory.
    let outputs: String

    var limit: String { "\(folder)/limit" }
    var workload: String { "\(folder)/workload" }

    /// Raw frames in a file.
    struct Film {
        let file: String
        let width: Int
        let height: Int
        var format = "nv12"
        var size: String { "\(width)x\(height)" }
        var frameBytes: Int { format == "yuyv" ? width * height * 2 : width * height * 3 / 2 }

        /// ffmpeg's and GStreamer's names of the layout.
        var ffmpeg: String { format == "yuyv" ? "yuyv422" : format }
        var gstreamer: String { format == "yuyv" ? "yuy2" : format }
    }

    func film(_ name: String, _ width: Int, _ height: Int, _ format: String = "nv12") -> Film {
        Film(file: "\(footage)/\(name).\(format)", width: width, height: height, format: format)
    }

    func output(_ name: String) -> String { "\(outputs)/\(name)" }

    // MARK: - Whole programs

    /// This project's tool over a film.
    func camera(_ film: Film, _ frames: Int, to output: String, paced: Bool = false, _ options: String) -> [String] {
        [camera, "record", output, "--camera", film.file]
            + words("--raw-format \(film.format) --size \(film.size) --fps 30 --frames \(frames)")
            + words("--pace \(paced ? "real" : "none") \(options)")
    }

    /// A command with a library of this package that stands before all others.
    func preloading(_ library: String, into command: [String]) -> [String] {
        ["env", "LD_PRELOAD=\(folder)/lib\(library).so"] + command
    }

    func ffmpeg(
        _ film: Film, _ frames: Int, to output: String, paced: Bool = false, fullRange: Bool = false, _ options: String
    ) -> [String] {
        words("ffmpeg -v error -nostdin -y")
            + words("\(paced ? "-re" : "") \(fullRange ? "-color_range pc" : "")")
            + words("-f rawvideo -pix_fmt \(film.ffmpeg) -s \(film.size) -r 30 -i") + [film.file]
            + words("-frames:v \(frames) \(options)") + [output]
    }

    func gstreamer(_ film: Film, _ frames: Int, to output: String, paced: Bool = false, _ elements: String) -> [String]
    {
        words("gst-launch-1.0 -q filesrc") + ["location=\(film.file)"]
            + words("blocksize=\(film.frameBytes) num-buffers=\(frames) ! rawvideoparse format=\(film.gstreamer)")
            + words("width=\(film.width) height=\(film.height) framerate=30/1 ! ")
            + words(paced ? "identity sync=true ! " : "") + words(elements + (elements.isEmpty ? "" : " ! "))
            + ["filesink", "location=\(output)"]
    }

    /// The bare C library over a film.
    func limit(_ mode: String, _ film: Film, _ frames: Int, _ options: String) -> [String] {
        [limit, mode, "--file", film.file] + words("--size \(film.size) --frames \(frames) \(options)")
    }

    // MARK: - Encoders

    /// H.264 with a bit rate, a buffer of one second and nothing held back, by those who can.
    func h264(_ film: Film, _ frames: Int, preset: String, megabits: Int) -> [Contender] {
        let kilobits = megabits * 1000
        return [
            Contender(
                "camera", .ours, output: output("camera.h264"),
                camera(
                    film, frames, to: output("camera.h264"),
                    "--bitrate \(megabits)M --preset \(preset) --tune zerolatency --threads 2")),
            Contender(
                "ffmpeg", .peer, output: output("ffmpeg.h264"),
                ffmpeg(film, frames, to: output("ffmpeg.h264"), ffmpegH264(preset, kilobits, threads: 2))),
            Contender(
                "gstreamer", .peer, output: output("gstreamer.h264"),
                gstreamer(
                    film, frames, to: output("gstreamer.h264"), gstreamerH264(preset, kilobits, threads: 2))),
            Contender(
                "x264", .peer, output: output("x264.h264"),
                words("x264 --quiet --no-progress --demuxer raw --input-csp nv12 --input-res \(film.size) --fps 30")
                    + words("--preset \(preset) --tune zerolatency --bitrate \(kilobits) --vbv-maxrate \(kilobits)")
                    + words("--vbv-bufsize \(kilobits) --threads 2 --frames \(frames) -o \(output("x264.h264"))")
                    + [film.file]),
            Contender(
                "libx264", .limit,
                limit("h264", film, frames, "--preset \(preset) --kilobits \(kilobits) --threads 2")),
        ]
    }

    func ffmpegH264(_ preset: String, _ kilobits: Int, threads: Int) -> String {
        "-c:v libx264 -preset \(preset) -tune zerolatency -b:v \(kilobits)k -maxrate \(kilobits)k "
            + "-bufsize \(kilobits)k -threads \(threads) -f h264"
    }

    func gstreamerH264(_ preset: String, _ kilobits: Int, threads: Int) -> String {
        "x264enc speed-preset=\(preset) tune=zerolatency bitrate=\(kilobits) vbv-buf-capacity=1000 threads=\(threads) "
            + "key-int-max=250 ! video/x-h264,stream-format=byte-stream"
    }

    /// The words between spaces.
    func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
}
