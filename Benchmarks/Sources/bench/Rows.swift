// SPDX-License-Identifier: MIT

/// All rows, at a length of which 1 is some seconds of work on a machine with two slow cores.
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
            mp4, h265, mjpeg,
        ]
        let pictures = [
            still("1080", 1920, 1080, 360), still("12mp", 4000, 3000, 60), mjpegInside, raw, conversion,
            conversionInside,
        ]
        let living = [live("h264", 150), live("mjpeg", 150), live("raw", 150), liveOutputs, latency, start, memory]
        let many = [recordings(4), recordings(16), cameras(4), cameras(16)]
        let inside = [
            instructions, allocations("nv12", []), allocations("h264", ["libx264"]), allocations("mjpeg", ["libjpeg"]),
        ]
        return encoding + pictures + living + many + [split(1), split(10), split(100)] + inside
    }

    var hd1080: Programs.Film { programs.film("1080", 1920, 1080) }
    var hd720: Programs.Film { programs.film("720", 1280, 720) }
    var small: Programs.Film { programs.film("360", 640, 360) }

    func frames(_ count: Int) -> Int { max(Int(Double(count) * length), 24) }
}
