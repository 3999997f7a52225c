// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT

import PackageDescription

/// The trait that stands for all parts that can be left out.
///
/// SwiftPM hands the traits that are on to the compiler in the order of a hash table, which changes with each run, and compiles
/// everything again when it has: with one trait on there is one order.
let everything = "Everything"

/// The parts that can be left out, with what each needs.
let parts: [Trait] = [
    .trait(name: "X264", description: "H.264 in software with libx264 (GPL-2.0-or-later): libx264-dev"),
    .trait(name: "X265", description: "H.265 in software with libx265 (GPL-2.0-or-later): libx265-dev"),
    .trait(name: "LibCamera", description: "Cameras with an image signal processor, by libcamera: libcamera-dev"),
    .trait(
        name: "Containers",
        description: "Movies, containers and streams by libavformat, loaded when first used: libavformat-dev"),
    .trait(name: "Pictures", description: "PNG, GIF and EXIF: libpng-dev, libgif-dev, libexif-dev"),
    .trait(name: "Text", description: "Text on pictures, by FreeType: libfreetype-dev"),
]

/// A target that is used where the part is on.
func with(_ part: String, _ name: String) -> Target.Dependency {
    .target(name: name, condition: .when(traits: [part, everything]))
}

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        // Frames lend their bytes as spans that cannot outlive them; users of the package need no flag for it.
        .enableExperimentalFeature("Lifetimes"),
        .treatAllWarnings(as: .error),
    ] + parts.map { .define($0.name, .when(traits: [$0.name, everything])) }

/// A target of Swift code that follows the settings of the package.
func floor(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of the target `name`, which may also use the given ones.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, swiftSettings: settings)
}

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")

let package = Package(
    name: "swift-camera",
    products: [
        .library(name: "CameraKit", targets: ["CameraKit"]),
        // The live page and RTSP, for programs that serve their own cameras.
        .library(name: "CameraServer", targets: ["CameraServer"]),
        // What was recorded, by camera and time, for services that run for months.
        .library(name: "CameraCatalog", targets: ["CameraCatalog"]),
        .executable(name: "camera", targets: ["camera"]),
        // What `camera serve CONFIG.yaml` becomes.
        .executable(name: "camera-service", targets: ["camera-service"]),
        // The encoder module of the SP interface, for C; `make install` builds it with the Swift runtime inside.
        .library(name: "SPCodec", type: .dynamic, targets: ["SPCodec"]),
        // Loaded when a camera of libcamera is first asked for: it belongs into the program's folder.
        .library(name: "CameraLibCamera", type: .dynamic, targets: ["CLibCameraShim"]),
    ],
    traits: Set(
        [
            .default(enabledTraits: [everything]),
            .trait(name: everything, description: "All of the parts below; on unless other traits are named"),
        ] + parts),
    dependencies: [
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // C libraries: a module map or the thinnest shim each.
        .target(name: "CLinux"),
        .target(name: "CMotion"),
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .systemLibrary(name: "CYUV", providers: [.apt(["libyuv-dev"])]),
        // No pkgConfig: x264's carries a flag that SwiftPM refuses.
        .systemLibrary(name: "CX264", providers: [.apt(["libx264-dev"])]),
        .systemLibrary(name: "CX265", pkgConfig: "x265", providers: [.apt(["libx265-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CGIF", pkgConfig: "libgif", providers: [.apt(["libgif-dev"])]),
        .systemLibrary(name: "CEXIF", pkgConfig: "libexif", providers: [.apt(["libexif-dev"])]),
        .systemLibrary(name: "CFreeType", pkgConfig: "freetype2", providers: [.apt(["libfreetype-dev"])]),
        // Headers only: the libraries are loaded when first asked for (see CameraAV).
        .systemLibrary(name: "CAVFormat", providers: [.apt(["libavformat-dev", "libavcodec-dev"])]),
        .systemLibrary(name: "CV4L2"),
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        .target(name: "CV4LConvert", linkerSettings: [.linkedLibrary("dl")]),
        // The shim's face; the shim itself, which links libcamera, is a library of its own.
        .systemLibrary(name: "CLibCamera"),
        .systemLibrary(name: "CLibCameraSystem", pkgConfig: "libcamera", providers: [.apt(["libcamera-dev"])]),
        .target(
            name: "CLibCameraShim",
            dependencies: [with("LibCamera", "CLibCameraSystem")]),

        // The floors, each importing only what lies below it.
        floor("CameraCore", ["CLinux", system]),
        floor("V4L2", ["CameraCore", "CV4L2", "CLinux", system]),
        floor(
            "CameraImaging",
            [
                "CameraCore", "CYUV", "CJPEG", "CMotion",
                with("Text", "CFreeType"),
            ]),
        floor(
            "CameraAV",
            ["CameraCore", with("Containers", "CAVFormat")]),
        floor(
            "CameraDevices",
            [
                "CameraCore", "CameraImaging", "CameraAV", "V4L2", "CLibCamera", "CLinux", "CV4LConvert", "CYUV",
                system,
                deque,
            ]),
        floor(
            "CameraCodecs",
            [
                "CameraCore", "CameraImaging", "V4L2", "CJPEG", "CYUV", system,
                with("X264", "CX264"),
                with("X265", "CX265"),
                with("Pictures", "CPNG"),
                with("Pictures", "CGIF"),
                with("Pictures", "CEXIF"),
            ]),
        floor("CameraOutputs", ["CameraCore", "CameraImaging", "CLinux", system, deque]),
        floor(
            "CameraContainers",
            [
                "CameraCore", "CameraAV", "CameraOutputs", system,
                with("Containers", "CAVFormat"),
            ]),
        floor(
            "CameraEncoders",
            ["CameraCore", "CameraImaging", "CameraCodecs", "CameraContainers", "CameraOutputs", system, deque]),
        floor(
            "CameraKit",
            [
                "CameraCore", "CameraCodecs", "CameraContainers", "CameraDevices", "CameraEncoders", "CameraImaging",
                "CameraOutputs", system,
            ]),
        floor(
            "CameraCatalog",
            [
                "CameraCore", "CameraContainers", "CameraEncoders", "CameraKit", "CameraOutputs", system,
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(
            name: "CameraServer",
            dependencies: [
                "CameraCore", "CameraContainers", "CameraEncoders", "CameraKit", "CameraOutputs", "CLinux", system,
                deque,
            ],
            resources: [.embedInCode("Page/page.html"), .embedInCode("API/openapi.yaml")], swiftSettings: settings),
        .target(
            name: "SPCodec", dependencies: ["CameraCore", "CameraEncoders", deque], exclude: ["C"],
            swiftSettings: settings),
        // What the programs share: options, lines on the terminal, signals.
        floor("CameraCommands", ["CameraKit", "CameraServer", arguments, "CLinux"]),
        // The service that a file describes. Yams brings all of Foundation, which the tool must not pay for.
        floor(
            "CameraService",
            [
                "CameraCatalog", "CameraCommands", "CameraCore", "CameraKit", "CameraServer", "CLinux", "CMosquitto",
                arguments, deque,
                .product(name: "Yams", package: "Yams"),
            ]),
        .executableTarget(
            name: "camera", dependencies: ["CameraCommands", "CameraKit", "CameraServer", arguments, "CLinux"],
            swiftSettings: settings),
        .executableTarget(
            name: "camera-service", dependencies: ["CameraCommands", "CameraService", "CameraKit", arguments],
            swiftSettings: settings),

        // What tests share: running other programs, temporary folders, a scripted V4L2 driver.
        .target(
            name: "TestSupport", dependencies: ["CameraCore", "CameraCodecs", "CameraDevices", "V4L2", "CLibCamera"],
            path: "Tests/TestSupport", swiftSettings: settings),
        tests("CameraCore", ["TestSupport"]),
        tests("V4L2", ["TestSupport"]),
        tests("CameraImaging", ["TestSupport"]),
        tests("CameraAV", ["TestSupport", with("Containers", "CAVFormat")]),
        tests("CameraDevices", ["CameraImaging", "TestSupport", "CLibCamera"]),
        tests("CameraCodecs", ["CameraDevices", "CameraImaging", "V4L2", "TestSupport"]),
        tests("CameraOutputs", ["CameraContainers", "TestSupport"]),
        tests("CameraContainers", ["TestSupport", "CameraOutputs", "CameraCodecs"]),
        tests("CameraEncoders", ["CameraDevices", "CameraCodecs", "CameraOutputs", "TestSupport"]),
        tests("CameraKit", ["TestSupport"]),
        tests("CameraServer", ["CameraKit", "TestSupport"]),
        tests(
            "CameraService",
            [
                "CameraCatalog", "CameraCommands", "CameraKit", "CameraServer", "TestSupport", "camera",
                "camera-service",
            ]),
        tests("CameraCatalog", ["CameraKit", "CameraContainers", "CameraOutputs", "TestSupport"]),
        // The programs in C and Python are run by the tests, not built with them.
        .testTarget(
            name: "SPCodecTests", dependencies: ["SPCodec", "TestSupport"], exclude: ["Programs"],
            swiftSettings: settings),
        // The programs in C are compiled by the tests.
        .testTarget(
            name: "cameraTests", dependencies: ["camera", "CameraKit", "TestSupport"], exclude: ["Programs"],
            swiftSettings: settings),
        // Runs inside the virtual machine of Tests/DeviceLab; `make test` leaves it out.
        .testTarget(
            name: "DeviceLabTests",
            dependencies: ["CameraKit", "CameraCodecs", "CameraImaging", "V4L2", "TestSupport"],
            path: "Tests/DeviceLab/Tests", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx20
)

// Programs of libFuzzer, which `make fuzz-parsers` builds; the variable says where its library is.
if let library = Context.environment["LIBFUZZER"] {
    package.targets.append(
        .executableTarget(
            name: "fuzzers",
            dependencies: ["CameraKit", "CameraDevices", "CameraCodecs", "CameraImaging", "V4L2", "CV4L2", system],
            path: "Tests/Fuzzers", exclude: ["run"], swiftSettings: settings,
            linkerSettings: [.unsafeFlags([library]), .linkedLibrary("stdc++")]))
}

// The thread sanitizer does not see the futex of Synchronization's Mutex: `make test-sanitizers` compiles a copy of the sources
// that import this instead, which has a pthread mutex in its place.
if Context.environment["SANITIZER"] == "thread" {
    for target in package.targets where target.swiftSettings != nil {
        target.dependencies.append("TracedSynchronization")
    }
    package.targets.append(
        .target(name: "TracedSynchronization", path: "Tests/Sanitizers/TracedSynchronization"))
}
