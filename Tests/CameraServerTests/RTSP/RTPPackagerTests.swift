// SPDX-License-Identifier: MIT

import CameraCore
import CameraServer
import Foundation
import Glibc
import TestSupport
import Testing

/// Packets of pictures that our own encoders do not make, as ffmpeg reads them, and those that RTP cannot send.
@Suite(.timeLimit(.minutes(5))) struct RTPPackagerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A JPEG picture of libjpeg's program.
    private func picture(_ size: Resolution, _ options: [String]) async throws -> [UInt8] {
        let rows = "testsrc2=size=\(size.width)x\(size.height)"
        let folder = folder
        return try await aside {
            let source = ["-v", "error", "-y", "-f", "lavfi", "-i", rows, "-frames:v", "1", folder.path("a.ppm")]
            _ = try run("ffmpeg", source)
            return Array(try run("cjpeg", options + [folder.path("a.ppm")]).output)
        }
    }

    private func packager(_ size: Resolution) -> RTPPackager {
        var packager = RTPPackager()
        _ = packager.begin(StreamDescription(format: .mjpeg, size: size, frameRate: 25, color: .jpeg))
        return packager
    }

    private func packet(_ bytes: [UInt8], _ index: Int = 0) -> Packet {
        let time = Timestamp(nanoseconds: Int64(index) * 40_000_000)
        let info = PacketInfo(
            index: Int64(index), type: .key, timestamp: .nanoseconds(time.nanoseconds), sensorTime: time, wallTime: .now
        )
        return Packet(copying: bytes.span.bytes, info)
    }

    private static let good: [(Resolution, [String])] = [
        (Resolution(320, 240), ["-sample", "2x2"]), (Resolution(320, 240), ["-sample", "2x1"]),
        (Resolution(320, 240), ["-sample", "2x2", "-restart", "1"]), (Resolution(64, 48), ["-restart", "3B"]),
        (Resolution(2040, 2040), ["-quality", "95"]), (Resolution(320, 240), ["-quality", "10", "-baseline"]),
    ]

    /// ffmpeg decodes from the packets what it decodes from the picture itself.
    @Test(arguments: good.indices) func ffmpegReadsPictures(index: Int) async throws {
        let (size, options) = Self.good[index]
        let bytes = try await picture(size, options)
        let first = packager(size)
        try Data(bytes).write(to: folder.file("a.jpg"))
        let port = try TCPListener.freePort()
        let description =
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=a\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            + "m=video \(port) RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n"
        try Data(description.utf8).write(to: folder.file("a.sdp"))
        let folder = folder
        let result = try await aside {
            let reader = Process()
            reader.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            reader.arguments = [
                "ffmpeg", "-v", "error", "-nostdin", "-y", "-protocol_whitelist", "file,udp,rtp", "-i",
                folder.path("a.sdp"),
                "-frames:v", "2", "-f", "framemd5", folder.path("got"),
            ]
            reader.standardError = FileHandle.nullDevice
            try reader.run()
            let sending = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            defer { close(sending) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(sending, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            // Over and over, until it has enough.
            var packager = first
            for index in 0..<10_000 where reader.isRunning {
                let chunk = packager.chunk(of: packet(bytes, index))
                #expect(chunk.failure == nil && chunk.packets.allSatisfy { $0.count <= 1400 })
                // The marker of the end is not left to receivers.
                #expect(chunk.bytes.suffix(2) == [0xFF, 0xD9])
                for packet in chunk.packets {
                    _ = chunk.bytes[packet].withUnsafeBytes { send(sending, $0.baseAddress, $0.count, 0) }
                    usleep(100)
                }
            }
            if reader.isRunning { kill(reader.processIdentifier, SIGKILL) }
            reader.waitUntilExit()
            return try run(
                "ffmpeg", ["-v", "error", "-i", folder.path("a.jpg"), "-f", "framemd5", folder.path("wanted")])
        }
        #expect(result.errors == "")
        func sums(_ name: String) throws -> [Substring?] {
            try String(contentsOf: folder.file(name), encoding: .utf8).split(separator: "\n")
                .filter { !$0.hasPrefix("#") }.map { $0.split(separator: ",").last }
        }
        let wanted = try sums("wanted")
        #expect(try sums("got") == [wanted[0], wanted[0]])
    }

    private static let bad: [(Resolution, [String], String)] = [
        (Resolution(320, 240), ["-sample", "1x1"], "4:2:0"), (Resolution(320, 240), ["-grayscale"], "three components"),
        (Resolution(320, 240), ["-progressive"], "progressive"), (Resolution(320, 240), ["-optimize"], "Huffman"),
        (Resolution(320, 240), ["-quality", "1"], "sixteen bits"), (Resolution(2048, 64), [], "2040x2040"),
    ]

    @Test(arguments: bad.indices) func whatCannotBeSentSaysWhy(index: Int) async throws {
        let (size, options, reason) = Self.bad[index]
        var packager = packager(size)
        let chunk = packager.chunk(of: packet(try await picture(size, options)))
        #expect(chunk.packets.isEmpty && chunk.bytes.isEmpty)
        #expect("\(try #require(chunk.failure))".contains(reason), "\(String(describing: chunk.failure))")
    }

    /// Damaged pictures are sent or refused; none ends the program.
    @Test func damagedPicturesAreSentOrRefused() async throws {
        let bytes = try await picture(Resolution(320, 240), ["-restart", "1"])
        try await aside {
            FuzzRun("RTP").rounds { random, _ in
                var packager = packager(Resolution(320, 240))
                for _ in 0..<100 { _ = packager.chunk(of: packet(bytes.mutatedPicture(&random))) }
                return 100
            }
        }
    }

    #if X264
    /// Prints the processor's time for the packets of a minute of 1080p at 8 Mbit/s, ours beside libavformat's.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["RTP_BENCHMARK"] != nil, "RTP_BENCHMARK=1 measures"))
    func measures() async throws {
        let folder = folder
        try await aside {
            let path = folder.path("a.h264")
            let source = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=30,noise=alls=20:allf=t"]
            let rate = [
                "-b:v", "8M", "-minrate", "8M", "-maxrate", "8M", "-bufsize", "8M", "-x264-params", "nal-hrd=cbr",
            ]
            let coding = [
                "-t", "20", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency",
            ]
            _ = try run("ffmpeg", source + coding + rate + ["-g", "60", path])
            let bytes = [UInt8](try Data(contentsOf: folder.file("a.h264")))
            let places = try run(
                "ffprobe", ["-v", "error", "-show_entries", "packet=pos,size,flags", "-of", "csv=p=0", path]
            )
            .text.split(separator: "\n").map { $0.split(separator: ",") }
            let pictures = places.map { place -> [UInt8] in
                let (size, start) = (Int(place[0]) ?? 0, Int(place[1]) ?? 0)
                return Array(bytes[start..<start + size])
            }
            let size = Resolution(1920, 1080)
            var packager = RTPPackager()
            _ = packager.begin(
                StreamDescription(
                    format: .h264, size: size, frameRate: 30, color: .bt709,
                    parameterSets: Array(pictures[0].prefix(200))))
            let packets = pictures.enumerated().map { index, picture in
                let time = Timestamp(nanoseconds: Int64(index) * 33_333_333)
                let type: FrameType = index % 60 == 0 ? .key : .predicted
                return Packet(
                    copying: picture.span.bytes,
                    PacketInfo(
                        index: Int64(index), type: type, timestamp: .nanoseconds(time.nanoseconds), sensorTime: time,
                        wallTime: .now))
            }
            func used() -> Double {
                var time = timespec()
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
                return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
            }
            let start = used()
            var count = 0
            for packet in packets { count += packager.chunk(of: packet).packets.count }
            let own = (used() - start) / 20 * 1000
            var times: [String: Double] = [:]
            for (name, output) in [
                ("null", ["-f", "null", "-"]), ("rtp", ["-f", "rtp", "rtp://127.0.0.1:40008?pkt_size=1400"]),
            ] {
                let result = try run(
                    "sh",
                    [
                        "-c",
                        "ulimit -c 0; exec ffmpeg -v error -nostdin -benchmark -i \(path) -c copy "
                            + output.joined(separator: " ") + " -loglevel info 2>&1",
                    ])
                let found = result.text.matches(of: #/bench: utime=([0-9.]+)s stime=([0-9.]+)s/#).last
                times[name] = (found.flatMap { Double($0.1) } ?? 0) / 20 * 1000
            }
            print(
                "RTP of 1080p at \(bytes.count * 8 / 20 / 1_000_000) Mbit/s: \(count / 20) packets a second, ours \(own) ms of "
                    + "the processor a second, libavformat's \((times["rtp"] ?? 0) - (times["null"] ?? 0)) ms (\(times))"
            )
        }
    }
    #endif
}
