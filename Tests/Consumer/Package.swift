// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT

import PackageDescription

// The package as its users see it: it imports CameraKit alone, and implements all that they may.
let package = Package(
    name: "consumer",
    dependencies: [.package(name: "swift-camera", path: "../..")],
    targets: [
        .testTarget(
            name: "ConsumerTests",
            dependencies: [.product(name: "CameraKit", package: "swift-camera")],
            swiftSettings: [.treatAllWarnings(as: .error)])
    ],
    swiftLanguageModes: [.v6]
)
