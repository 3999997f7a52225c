// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT

import PackageDescription

let settings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error)]
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

// The tool side by side with what a user would otherwise pick, and with the bare C libraries: `make bench`.
let package = Package(
    name: "benchmarks",
    products: ["CountAllocations", "TimeCalls"].map { .library(name: $0, type: .dynamic, targets: [$0]) },
    dependencies: [
        .package(name: "swift-camera", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // Runs the rows and writes the table.
        .executableTarget(name: "bench", dependencies: [arguments], swiftSettings: settings),
        // The library as a program uses it, for rows that the tool cannot do.
        .executableTarget(
            name: "workload", dependencies: [.product(name: "CameraKit", package: "swift-camera"), arguments],
            swiftSettings: settings),
        // Runs one command and tells its cost.
        .executableTarget(name: "measure"),
        // The C libraries in a bare loop.
        .executableTarget(
            name: "limit",
            linkerSettings: ["x264", "x265", "turbojpeg", "yuv", "pthread"].map { .linkedLibrary($0) }),
        // Counts calls of malloc by who makes them, preloaded into a command.
        .target(name: "CountAllocations", linkerSettings: [.linkedLibrary("dl")]),
        // Takes the processor time of codecs' calls, and of those that read and write frames, preloaded likewise.
        .target(name: "TimeCalls", linkerSettings: [.linkedLibrary("dl")]),
    ],
    swiftLanguageModes: [.v6]
)
