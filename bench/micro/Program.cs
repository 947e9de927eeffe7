using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Grid.Bench.Micro;
using Grid.Bench.Micro.GrainCalls;

if (args is ["store", .. var storeArgs])
    return await StoreBench.RunAsync(storeArgs);
if (args is ["memory", .. var memoryArgs])
    return await ActivationMemory.RunAsync(memoryArgs);
if (args is [ActivationMemory.FillCommand, .. var fillArgs])
    return await ActivationMemory.FillAsync(fillArgs);

// In this process, so that a run needs no extra build; short, so that all benchmarks take a minute.
var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
var config = DefaultConfig.Instance.AddJob(job).AddDiagnoser(MemoryDiagnoser.Default);
BenchmarkSwitcher.FromAssembly(typeof(StoreBench).Assembly).Run(args, config);
return 0;
